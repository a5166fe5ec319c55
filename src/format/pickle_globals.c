#include "format/pickle_globals.h"

/* Modules, with all below them, whose functions run programs or code, or open files or connections. */
static const char *const DANGEROUS_MODULES[] = {
    "os",
    "posix",
    "nt",
    "posixpath",
    "ntpath",
    "subprocess",
    "_posixsubprocess",
    "sys",
    "importlib",
    "imp",
    "_imp",
    "runpy",
    "pickle",
    "_pickle",
    "cPickle",
    "dill",
    "marshal",
    "shelve",
    "ctypes",
    "_ctypes",
    "cffi",
    "socket",
    "_socket",
    "ssl",
    "select",
    "shutil",
    "webbrowser",
    "antigravity",
    "pty",
    "tty",
    "code",
    "codeop",
    "commands",
    "popen2",
    "platform",
    "timeit",
    "cProfile",
    "profile",
    "pdb",
    "bdb",
    "trace",
    "doctest",
    "asyncio",
    "signal",
    "tempfile",
    "pathlib",
    "glob",
    "fileinput",
    "io",
    "_io",
    "http",
    "urllib",
    "urllib2",
    "urllib3",
    "requests",
    "httplib",
    "aiohttp",
    "ftplib",
    "smtplib",
    "telnetlib",
    "poplib",
    "imaplib",
    "nntplib",
    "xmlrpc",
    "pip",
    "setuptools",
    "distutils",
    "ensurepip",
    "venv",
    "site",
    "zipimport",
    "pkgutil",
    "inspect",
    "gc",
    "linecache",
    "multiprocessing",
    "concurrent",
    "threading",
    "_thread",
    "sqlite3",
    "zipfile",
    "tarfile",
    "mmap",
    "resource",
    "fcntl",
    "winreg",
    "_winapi",
    "msvcrt",
    "idlelib",
    "lib2to3",
    "unittest",
    "test",
    "torch.hub",
    "torch.jit",
    "numpy.testing",
    "numpy.distutils",
    "numpy.f2py",
    "numpy.lib",
    "numpy.ctypeslib",
    "pandas.io",
    "scipy.io",
    "jax",
    "tensorflow",
    "paramiko",
    "fabric",
    "sh",
    "pexpect",
    "psutil",
    "bsddb",
    "dbm",
    "logging.config",
};

/* Single names. */
static const struct {
    const char *module, *name;
} DANGEROUS[] = {
    {"builtins", "eval"},
    {"builtins", "exec"},
    {"builtins", "execfile"},
    {"builtins", "compile"},
    {"builtins", "open"},
    {"builtins", "file"},
    {"builtins", "input"},
    {"builtins", "raw_input"},
    {"builtins", "__import__"},
    {"builtins", "getattr"},
    {"builtins", "setattr"},
    {"builtins", "delattr"},
    {"builtins", "globals"},
    {"builtins", "locals"},
    {"builtins", "vars"},
    {"builtins", "dir"},
    {"builtins", "apply"},
    {"builtins", "map"},
    {"builtins", "filter"},
    {"builtins", "breakpoint"},
    {"builtins", "help"},
    {"builtins", "exit"},
    {"builtins", "quit"},
    {"builtins", "reload"},
    {"operator", "attrgetter"},
    {"operator", "methodcaller"},
    {"_operator", "attrgetter"},
    {"_operator", "methodcaller"},
    {"functools", "reduce"},
    {"types", "CodeType"},
    {"types", "FunctionType"},
    {"types", "ModuleType"},
    {"cloudpickle.cloudpickle", "subimport"},
    {"cloudpickle.cloudpickle", "dynamic_subimport"},
    {"cloudpickle.cloudpickle", "loads"},
    {"cloudpickle.cloudpickle", "load"},
    {"cloudpickle", "loads"},
    {"cloudpickle", "load"},
    {"joblib", "load"},
    {"joblib.numpy_pickle", "load"},
    {"torch", "load"},
    {"torch.serialization", "load"},
    {"numpy", "load"},
    {"numpy", "save"},
    {"numpy", "savez"},
    {"numpy", "fromfile"},
    {"numpy", "memmap"},
    {"numpy", "genfromtxt"},
    {"numpy", "loadtxt"},
    {"pandas", "read_pickle"},
    {"pandas", "eval"},
    {"logging", "FileHandler"},
};

typedef enum name_rule {
    WORDS,    /* one of these names, between blanks */
    SUFFIXES, /* a name that ends with one of these */
    CLASSES,  /* a class: a capital letter, after underscores and one small letter ("cKalmanFilter"); and Cython's
                 function that makes one */
} name_rule;

#define UFUNCS                                                                                                     \
    "abs absolute cbrt ceil cos exp exp2 expm1 floor log log10 log1p log2 negative reciprocal rint sign sin sqrt " \
    "square tan tanh"

/* What the supported libraries put into model files. A module that ends with a dot stands for all below it, too. */
static const struct {
    const char *module;
    name_rule rule;
    const char *names;
} KNOWN[] = {
    {"sklearn.", CLASSES, NULL},
    {"sklearn.", WORDS,
     "newObj f_classif f_regression chi2 r_regression mutual_info_classif mutual_info_regression "
     "make_column_selector "
     "check_array _passthrough_scorer"},
    {"sklearn.metrics.", SUFFIXES, "_score _error _loss _deviance _kernel _distances"},
    {"_loss", CLASSES, NULL},
    {"numpy", WORDS,
     "dtype ndarray matrix bool_ bool object_ str_ bytes_ void record number integer signedinteger unsignedinteger "
     "inexact floating generic int8 int16 int32 int64 intc uint8 uint16 uint32 uint64 float16 float32 float64 "
     "longdouble complex64 complex128 datetime64 timedelta64 " UFUNCS
     " clip max mean median min nan_to_num ravel round squeeze sum"},
    {"numpy.dtypes", CLASSES, NULL},
    {"numpy.core._multiarray_umath", WORDS, UFUNCS},
    {"numpy._core._multiarray_umath", WORDS, UFUNCS},
    {"numpy.core.multiarray", WORDS, "_reconstruct scalar"},
    {"numpy._core.multiarray", WORDS, "_reconstruct scalar"},
    {"numpy.core.numeric", WORDS, "_frombuffer"},
    {"numpy._core.numeric", WORDS, "_frombuffer"},
    {"numpy.ma", WORDS, "MaskedArray"},
    {"numpy.ma.core", WORDS, "MaskedArray _mareconstruct"},
    {"numpy.random.", CLASSES, NULL},
    {"numpy.random._pickle", WORDS, "__bit_generator_ctor __generator_ctor __randomstate_ctor"},
    {"scipy.sparse.", SUFFIXES, "_matrix _array"},
    {"scipy.optimize.", CLASSES, NULL},
    {"scipy.interpolate.", CLASSES, NULL},
    {"scipy.stats._continuous_distns", SUFFIXES, "_gen"},
    {"scipy.stats._discrete_distns", SUFFIXES, "_gen"},
    {"scipy.stats._distn_infrastructure", CLASSES, NULL},
    {"scipy.special._ufuncs", WORDS, "expit logit erf ndtr"},
    {"scipy.spatial._ckdtree", CLASSES, NULL},
    {"pandas", WORDS,
     "DataFrame Series Index MultiIndex RangeIndex CategoricalIndex DatetimeIndex IntervalIndex StringDtype "
     "CategoricalDtype Categorical Timestamp Timedelta Interval NaT"},
    {"pandas.arrays", CLASSES, NULL},
    {"pandas.core.frame", CLASSES, NULL},
    {"pandas.core.series", CLASSES, NULL},
    {"pandas.core.indexes.", CLASSES, NULL},
    {"pandas.core.indexes.base", WORDS, "_new_Index"},
    {"pandas.core.internals.", CLASSES, NULL},
    {"pandas.core.arrays.", CLASSES, NULL},
    {"pandas.core.dtypes.", CLASSES, NULL},
    {"pandas._libs.", CLASSES, NULL},
    {"pandas._libs.internals", WORDS, "_unpickle_block"},
    {"pyarrow.lib", WORDS, "_restore_array py_buffer type_for_alias"},
    {"statsmodels.", CLASSES, NULL},
    {"statsmodels.genmod.families.links", WORDS, "identity logit probit log cloglog inverse_power inverse_squared"},
    {"pmdarima.", CLASSES, NULL},
    {"xgboost.core", CLASSES, NULL},
    {"xgboost.sklearn", CLASSES, NULL},
    {"lightgbm.basic", CLASSES, NULL},
    {"lightgbm.sklearn", CLASSES, NULL},
    {"catboost.core", CLASSES, NULL},
    {"joblib.numpy_pickle", WORDS, "NumpyArrayWrapper"},
    {"builtins", WORDS,
     "bool bytearray bytes complex dict float frozenset int list object range set slice str tuple type NoneType"},
    {"collections", WORDS, "OrderedDict defaultdict Counter deque"},
    {"copyreg", WORDS, "_reconstructor __newobj__ __newobj_ex__"},
    {"_codecs", WORDS, "encode"},
    {"functools", WORDS, "partial"}, /* of a function that is listed itself */
    {"mlflow.models.signature", WORDS, "_TypeHints"},
    {"datetime", WORDS, "datetime date time timedelta timezone"},
    {"decimal", WORDS, "Decimal"},
    {"fractions", WORDS, "Fraction"},
    {"uuid", WORDS, "UUID"},
    {"types", WORDS, "SimpleNamespace"},
};

/* Whether `module` is `outer` or lies below it. */
static bool is_within(sv_str module, sv_str outer)
{
    return sv_str_starts(module, outer) && (module.n == outer.n || module.p[outer.n] == '.');
}

static bool is_class_name(sv_str name)
{
    sv_str cython = SV_STR("__pyx_unpickle_");
    size_t at = 0;
    if (sv_str_starts(name, cython))
        name = (sv_str){name.p + cython.n, name.n - cython.n};
    while (at < name.n && name.p[at] == '_')
        at++;
    if (at + 1 < name.n && name.p[at] >= 'a' && name.p[at] <= 'z')
        at++;
    return at < name.n && name.p[at] >= 'A' && name.p[at] <= 'Z';
}

/* Whether one of the words is the name, or its end. */
static bool has_word(sv_str words, sv_str name, bool as_suffix)
{
    while (words.n) {
        sv_str word = {words.p, sv_str_find(words, ' ')};
        if (as_suffix ? sv_str_ends(name, word) : sv_str_equal(name, word))
            return true;
        size_t took = word.n < words.n ? word.n + 1 : word.n;
        words = (sv_str){words.p + took, words.n - took};
    }
    return false;
}

static bool is_known_row(size_t i, sv_global g)
{
    sv_str module = sv_str_of(KNOWN[i].module);
    bool is_open = sv_str_ends(module, SV_STR("."));
    module.n -= is_open;
    if (is_open ? !is_within(g.module, module) : !sv_str_equal(g.module, module))
        return false;
    if (KNOWN[i].rule == CLASSES)
        return is_class_name(g.name);
    return has_word(sv_str_of(KNOWN[i].names), g.name, KNOWN[i].rule == SUFFIXES);
}

static bool is_dangerous(sv_global g)
{
    for (size_t i = 0; i < sizeof DANGEROUS / sizeof *DANGEROUS; i++)
        if (sv_str_is(g.module, DANGEROUS[i].module) && sv_str_is(g.name, DANGEROUS[i].name))
            return true;
    for (size_t i = 0; i < sizeof DANGEROUS_MODULES / sizeof *DANGEROUS_MODULES; i++)
        if (is_within(g.module, sv_str_of(DANGEROUS_MODULES[i])))
            return true;
    return false;
}

/* "a.b.c" of a module: an attribute of an attribute, which may be anything that the module has imported. */
static bool is_dangerous_path(sv_str path)
{
    for (size_t dot = sv_str_find(path, '.'); dot < path.n; dot = sv_str_find(path, '.')) {
        sv_global inner = {.module = {path.p, dot}};
        path = (sv_str){path.p + dot + 1, path.n - dot - 1};
        inner.name = path;
        if (is_dangerous(inner))
            return true;
    }
    return false;
}

sv_global_kind sv_global_classify(sv_global g)
{
    if (is_dangerous(g) || is_dangerous_path(g.name))
        return SV_GLOBAL_DANGEROUS;
    if (sv_str_find(g.name, '.') < g.name.n)
        return SV_GLOBAL_UNKNOWN;
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++)
        if (is_known_row(i, g))
            return SV_GLOBAL_KNOWN;
    return SV_GLOBAL_UNKNOWN;
}

const char *sv_global_kind_name(sv_global_kind kind)
{
    return kind == SV_GLOBAL_KNOWN ? "known" : kind == SV_GLOBAL_UNKNOWN ? "unknown" : "dangerous";
}
