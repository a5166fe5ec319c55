/* commands.h: the functions behind the words; each reads argv after its words and returns the exit code. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

int cmd_serve(int argc, char **argv);
int cmd_predict(int argc, char **argv);
int cmd_prepare_env(int argc, char **argv);
int cmd_inspect(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_schema(int argc, char **argv);
int cmd_example(int argc, char **argv);
int cmd_signature(int argc, char **argv);
int cmd_verify(int argc, char **argv);

#endif
