/* json_simdjson.cc: the peer of json.c. */
#include <simdjson.h>

extern "C" size_t bench_simdjson_read(const char *text, size_t n_bytes, size_t room, double *out)
{
    static simdjson::ondemand::parser parser;
    simdjson::ondemand::document doc;
    simdjson::ondemand::array rows;
    size_t n = 0;
    if (parser.iterate(simdjson::padded_string_view(text, n_bytes, room)).get(doc) ||
        doc["dataframe_split"]["data"].get_array().get(rows))
        return 0;
    for (auto row : rows) {
        simdjson::ondemand::array cells;
        if (row.get_array().get(cells))
            return 0;
        for (auto cell : cells)
            if (cell.get_double().get(out[n++]))
                return 0;
    }
    return n;
}
