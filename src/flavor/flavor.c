#include "flavor/flavor.h"

#include "flavor/flavor_priv.h"

const sv_flavor *const sv_flavors[] = {
    &sv_flavor_xgboost,     &sv_flavor_lightgbm,        &sv_flavor_catboost, &sv_flavor_sklearn,
    &sv_flavor_statsmodels, &sv_flavor_python_function, &sv_flavor_crate,    NULL};

const sv_flavor *sv_flavor_find(sv_str name)
{
    for (const sv_flavor *const *f = sv_flavors; *f; f++)
        if (sv_str_is(name, (*f)->name))
            return *f;
    return NULL;
}

static bool answers_to(const sv_flavor *flavor, sv_str loader_module)
{
    for (const char *const *name = flavor->loader_modules; name && *name; name++)
        if (sv_str_is(loader_module, *name))
            return true;
    return false;
}

const sv_flavor *sv_flavor_find_loader(sv_str loader_module)
{
    for (const sv_flavor *const *f = sv_flavors; *f; f++)
        if (answers_to(*f, loader_module))
            return *f;
    return NULL;
}

void sv_flavor_list_code(const sv_flavor *flavor, const sv_mlmodel *model, sv_buf *out)
{
    const sv_flavor_entry *entry = sv_mlmodel_find_flavor(model, flavor->name);
    if (entry && flavor->list_code)
        flavor->list_code(entry->conf, out);
}
