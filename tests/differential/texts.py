"""Random texts that are nearly JSON, CSV or YAML: one function each, from a random.Random to a str."""

WORDS = ["a", "b", "x y", "true", "null", "yes", "No", "on", "~", "", "0", "-1", "1.5", "1e5", "NaN", "é", "🌍", "\u2028",
         "\x7f", "\ufeff", "\xa0"]
NUMBERS = ["0", "-0", "1", "-1", "10", "01", "1.0", "1.", ".5", "1e5", "1E+5", "1e-7", "-1.5e300", "1e400", "-1e400", "1e",
           "+1", "0x1F", "1_000", "123456789012345678", "9223372036854775807", "9223372036854775808",
           "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616", "0.1",
           "3.141592653589793238", "2.2250738585072014e-308", "5e-324", "2e-324", "1.7976931348623157e308", "0b101", "0o17",
           "1:30", "190:20:30.15", ".inf", "-.INF", ".nan", "inf", "-inf", "Infinity", "-Infinity", "nan", "NAN", "1e5.5"]


def number(r):
    kind = r.random()
    if kind < 0.3:
        return r.choice(NUMBERS)
    if kind < 0.5:
        return str(r.randint(-10 ** r.randint(0, 25), 10 ** r.randint(0, 25)))
    if kind < 0.8:
        return repr(r.uniform(-1, 1) * 10 ** r.randint(-30, 30))
    return f"{r.choice(['', '-', '+'])}{r.randint(0, 10 ** r.randint(0, 20))}.{r.randint(0, 10 ** r.randint(0, 20))}" + \
        r.choice(["", "", f"e{r.randint(-330, 330)}"])


def mutate(r, text, alphabet):
    for _ in range(r.choice((0, 0, 0, 1, 1, 2, 4))):
        i, kind = r.randrange(len(text) + 1), r.randrange(4)
        if kind == 0:
            text = text[:i] + r.choice(alphabet) + text[i:]
        elif kind == 1:
            text = text[:i] + text[i + 1:]
        elif kind == 2:
            text = text[:i] + r.choice(alphabet) + text[i + 1:]
        else:
            j = r.randrange(len(text) + 1)
            text = text[:i] + text[min(i, j):max(i, j)] + text[i:]
    return text


JSON_CHARS = list("{}[]\",:\\/u0123456789abcdefeE+-.tfnNI \n\t\r\b\0\x1f") + ["NaN", "Infinity", "\\ud83d", "\\udf0d", "\\u0000",
                                                                            "é", "🌍", "\x7f", "true", "null", "\ufeff", "\x0b"]


def json_string(r):
    body = "".join(r.choice(["a", "k", "é", "🌍", "\\n", "\\u00e9", "\\ud83d\\udf0d", "\\ud800", "\\\"", "\\/", "\\u12", " "])
                   for _ in range(r.randrange(4)))
    return f'"{body}"'


def json_value(r, depth=0):
    kind = r.random()
    if depth < 4 and kind < 0.2:
        return "[" + r.choice([",", ", ", " , "]).join(json_value(r, depth + 1) for _ in range(r.randrange(4))) + "]"
    if depth < 4 and kind < 0.4:
        return "{" + ", ".join(f"{json_string(r)}:{json_value(r, depth + 1)}" for _ in range(r.randrange(4))) + "}"
    if kind < 0.7:
        return number(r)
    return r.choice(["true", "false", "null", "NaN", "-Infinity", json_string(r), json_string(r)])


def json_row(r):
    """As clients send it: many numbers, most of them decimals of up to 21 digits, some close to a middle of two doubles."""
    cells = [number(r) if r.random() < 0.1 else f"{r.uniform(-1, 1) * 10 ** r.randint(-3, 8):.{r.randint(1, 20)}f}"
             for _ in range(r.randint(5, 40))]
    return "[" + r.choice([",", ", "]).join(cells) + "]"


def json(r):
    return mutate(r, json_row(r) if r.random() < 0.1 else json_value(r), JSON_CHARS)


CSV_CHARS = list(",,,\n\n\r\"\"'; \t0159ab.-+eENn_\0#") + ["\r\n", "NA", "nan", "None", "True", "é", "\ufeff"]
CSV_CELLS = ["", "NA", "NaN", "nan", "null", "None", "N/A", "<NA>", "#N/A", "-nan", "True", "False", "TRUE", "false", "true", "T",
             "a", "b b", " a", "a ", '"q"', '"a,b"', '"a""b"', '"x\ny"', "''", "2020-01-02", "2020-01-02T03:04:05", "1,5", "-",
             "+", ".", "e", "1 ", " 1", "\t1", "1 2", "0.5 ", " NA", "é", "--1", "1e", "1.2.3", "1_0", "0x10", "inf", "-Inf",
             "Infinity", "infinit"]


def csv_column(r):
    kind = r.randrange(8)
    if kind < 2:
        return lambda: str(r.randint(-100, 100))
    if kind < 4:
        return lambda: number(r)
    if kind == 4:
        return lambda: r.choice(["True", "False", "TRUE", "false", "", "NA"])
    if kind == 5:
        return lambda: r.choice(CSV_CELLS)
    return lambda: r.choice(["1", "2.5", "", "NA", "x", str(2 ** 63), str(2 ** 64), "-1"])


def csv(r):
    columns = [csv_column(r) for _ in range(r.randint(1, 4))]
    end = r.choice(["\n", "\n", "\n", "\r\n", "\r"])
    lines = [",".join(r.choice(["a", "b", "c", "a.1", "", '"d,e"', "0", " x", "a"]) for _ in columns)]
    for _ in range(r.randrange(6)):
        cells = [column() for column in columns]
        if r.random() < 0.05:
            cells = cells[:-1] if r.random() < 0.5 else cells + ["1"]
        lines.append(",".join(cells))
    return mutate(r, end.join(lines) + r.choice(["", end]), CSV_CHARS)


YAML_CHARS = list(":-?[]{},#&*!|>'\"%@`~ \n\n\t0159abxyY.eE_+=<") + ["  ", "\n  ", "- ", ": ", "? ", "---\n", "...\n", "<<: ", "&a ",
                                                                   "*a", "!!str ", "!!int ", "\\x41", "\\u00e9", "\r\n", "é", "\x85"]
YAML_SCALARS = WORDS + NUMBERS + ["2020-01-02", "2020-01-02T03:04:05Z", "2020-01-02 03:04:05.678 +01:00", "2020-1-2", "0o7", "017",
                                  "'it''s'", '"a\\n\\u00e9"', "!!str 1", "!!float 1", "!!int '7'", "!!binary aGVsbG8=", "!!null x",
                                  "yes", "off", "Y", "1e3", "1.0e+3", "12:30:45", "=", "<<", "|", "a: b", "a # b", "a#b",
                                  "- x", "[1, 2]", "{a: 1}", "{a, b: }", "[a: 1]", "&x y", "*x", "!!set {a, b}", "!!omap [a: 1]"]


def yaml_block(r, indent=0, depth=0):
    pad, kind = " " * indent, r.random()
    scalar = lambda: r.choice(YAML_SCALARS) if r.random() < 0.8 else number(r)  # noqa: E731
    if depth > 2 or kind < 0.15:
        return " " + scalar() + "\n"
    if kind < 0.25:
        return r.choice([" |\n", " >\n", " |-\n", " >+\n", " |2\n"]) + "".join(
            f"{pad}  {r.choice(['text', 'more text', '', '  deeper', '# no comment'])}\n" for _ in range(r.randint(1, 3)))
    lines = "\n" if indent or r.random() < 0.1 else ""
    for _ in range(r.randint(1, 3)):
        if kind < 0.5:
            lines += f"{pad}-{yaml_block(r, indent + 2, depth + 1)}"
        else:
            lines += f"{pad}{scalar()}:{yaml_block(r, indent + 2, depth + 1)}"
    return lines


def yaml(r):
    return mutate(r, r.choice(["", "", "---\n", "%YAML 1.1\n---\n"]) + yaml_block(r).lstrip(" "), YAML_CHARS)
