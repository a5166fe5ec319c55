/*
 * other_mlflow.c: MLflow in a child process.
 *
 * MLflow's own `models predict` is no witness: for CSV, and for JSON before 3.0, it ignores the signature. So the
 * script asks the application object of the scoring server, which is what `models serve` runs.
 */
#include "other_mlflow.h"
#include "message.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_ANSWER_BYTES ((size_t)4 << 30)

extern char **environ;

/*
 * argv: model, content type; standard input: the body; standard output: "STATUS VERSION\n" and the answer's body.
 * Whatever else prints to standard output goes to standard error. Older MLflow has a Flask application, newer
 * ones an ASGI application; both are called directly. A model directory needs no tracking store, but MLflow 1.x would
 * make a folder `mlruns` where it stands; so it gets a place of its own, unless the user named one.
 */
static const char SCRIPT[] =
    "import os, sys, asyncio, tempfile\n"
    "out = os.fdopen(os.dup(1), 'wb')\n"
    "os.dup2(2, 1)\n"
    "model, kind = sys.argv[1:3]\n"
    "body = sys.stdin.buffer.read()\n"
    "if os.path.isdir(model):\n"
    "    scratch = tempfile.TemporaryDirectory()\n"
    "    os.environ.setdefault('MLFLOW_TRACKING_URI', 'file://' + scratch.name)\n"
    "import warnings\n"
    "warnings.simplefilter('ignore')\n"
    "import mlflow, mlflow.pyfunc\n"
    "from mlflow.pyfunc import scoring_server\n"
    "app = scoring_server.init(mlflow.pyfunc.load_model(model))\n"
    "async def post():\n"
    "    said, parts = [body], []\n"
    "    head = [(b'host', b'localhost'), (b'content-type', kind.encode()),\n"
    "            (b'content-length', str(len(body)).encode())]\n"
    "    scope = {'type': 'http', 'asgi': {'version': '3.0', 'spec_version': '2.3'}, 'http_version': '1.1',\n"
    "             'method': 'POST', 'scheme': 'http', 'path': '/invocations', 'raw_path': b'/invocations',\n"
    "             'root_path': '', 'query_string': b'', 'headers': head, 'client': ('127.0.0.1', 1),\n"
    "             'server': ('127.0.0.1', 5000), 'state': {}}\n"
    "    async def receive():\n"
    "        if said:\n"
    "            return {'type': 'http.request', 'body': said.pop(), 'more_body': False}\n"
    "        await asyncio.Event().wait()\n"
    "    async def send(message):\n"
    "        parts.append(message)\n"
    "    await app(scope, receive, send)\n"
    "    return parts[0]['status'], b''.join(p.get('body', b'') for p in parts[1:])\n"
    "if hasattr(app, 'test_client'):\n"
    "    got = app.test_client().post('/invocations', data=body, headers={'Content-Type': kind})\n"
    "    status, answer = got.status_code, got.data\n"
    "else:\n"
    "    status, answer = asyncio.run(post())\n"
    "out.write(b'%d %s\\n' % (status, mlflow.__version__.encode()))\n"
    "out.write(answer)\n"
    "out.close()\n";

/* The body as a file without a name: the child reads it at its own pace, and no pipe can fill up. */
static FILE *open_body(const cli_bytes *body)
{
    FILE *f = tmpfile();
    if (!f) {
        cli_fail("could not make a temporary file: %s", strerror(errno));
        return NULL;
    }
    if (cli_write_fd(fileno(f), body->p, body->n, "a temporary file") || lseek(fileno(f), 0, SEEK_SET) != 0) {
        fclose(f);
        return NULL;
    }
    return f;
}

static int spawn_python(char *const *argv, int in, int out, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    int code = posix_spawn_file_actions_init(&actions);
    if (code)
        return code;
    if (!(code = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO)) &&
        !(code = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO)))
        code = posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

static int wait_for(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Start Python with `in` as its standard input and keep what it prints. */
static int run_python(char *const *argv, int in, cli_bytes *out)
{
    int ends[2], code;
    pid_t pid;
    if (pipe(ends))
        return cli_fail("could not make a pipe: %s", strerror(errno));
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    code = spawn_python(argv, in, ends[1], &pid);
    close(ends[1]);
    if (code) {
        close(ends[0]);
        return cli_fail("could not start %s: %s", argv[0], strerror(code));
    }
    code = cli_read_fd(ends[0], MAX_ANSWER_BYTES, "the answer of Python", out);
    close(ends[0]);
    int exit_code = wait_for(pid);
    if (!code && exit_code)
        code =
            cli_fail("%s ended with exit code %d; it must have mlflow and the model's libraries", argv[0], exit_code);
    return code;
}

/* "200 3.17.2\n" and the body. */
static int read_answer(cli_mlflow_answer *a)
{
    char *end = memchr(a->all.p, '\n', a->all.n),
         *blank = end ? memchr(a->all.p, ' ', (size_t)(end - a->all.p)) : NULL;
    long status = blank ? strtol(a->all.p, NULL, 10) : 0;
    if (status < 100 || status > 599)
        return cli_fail("Python printed no answer");
    a->http_status = (int)status;
    snprintf(a->version, sizeof a->version, "%.*s", (int)(end - blank - 1), blank + 1);
    a->body = end + 1;
    a->body_bytes = a->all.n - (size_t)(a->body - a->all.p);
    return 0;
}

int cli_mlflow_ask(const char *python, const char *model, const char *content_type, const cli_bytes *body,
                   cli_mlflow_answer *out)
{
    /* posix_spawn takes pointers to non-const text and does not write to it */
    union {
        const char *text;
        char *word;
    } argv[6] = {{python}, {"-c"}, {SCRIPT}, {model}, {content_type}, {NULL}};
    char *words[6];
    int code = 1;
    FILE *in;
    *out = (cli_mlflow_answer){0};
    for (size_t i = 0; i < 6; i++)
        words[i] = argv[i].word;
    if (!(in = open_body(body)))
        return 1;
    code = run_python(words, fileno(in), &out->all) || read_answer(out);
    fclose(in);
    if (code)
        cli_mlflow_free(out);
    return code;
}

void cli_mlflow_free(cli_mlflow_answer *answer)
{
    cli_bytes_free(&answer->all);
    *answer = (cli_mlflow_answer){0};
}
