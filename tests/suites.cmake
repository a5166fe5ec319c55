# Tests that are neither unit tests nor fuzz seeds. A skipped test exits with 77.

# suite(<name> <command...>): one test, run from the top of the checkout.
function(suite name)
    add_test(NAME ${name} COMMAND ${ARGN} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300)
endfunction()

find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(python ${Python3_EXECUTABLE} -B)
set(models ${PROJECT_SOURCE_DIR}/tests/data/models)

if(NOT SAVOR_SANITIZE AND NOT SAVOR_TSAN)
    # The rules of the house; CONTRIBUTING.md lists them. They need no second run under a sanitizer.
    foreach(rule includes calls sizes headers papers layout symbols)
        suite(house/${rule} ${python} tools/check --build ${PROJECT_BINARY_DIR} ${rule})
    endforeach()
    suite(house/check ${python} tests/house/check_test.py)
    suite(house/suites ${python} tests/house/suites_test.py)

    # The installed library, used as a stranger would.
    suite(install/example
        ${python} tests/install/example_test.py . ${PROJECT_BINARY_DIR} ${models}/xgb-squarederror-v3)
endif()

if(TARGET savor_cli)
    suite(cli/manual ${python} tests/cli/manual_test.py $<TARGET_FILE:savor_cli> docs/man/savor.1)
endif()

# The command as a user types it; the command lines of ../shared.
suite(cli/cases ${python} tests/cli/run.py $<TARGET_FILE:savor_cli>)
suite(cli/vectors ${python} tests/cli/vectors.py $<TARGET_FILE:savor_cli>)
set_tests_properties(cli/cases cli/vectors PROPERTIES LABELS cli)

# The Python part of workers; and real models with the environments of ../shared.
suite(worker/runtime ${python} tests/worker/runtime_test.py)
suite(worker/environment ${python} tests/worker/environment_test.py $<TARGET_FILE:savor_cli>)
suite(worker/venv ${python} tests/worker/venv_test.py $<TARGET_FILE:savor_cli>)
suite(worker/lab ${python} tests/worker/lab_test.py $<TARGET_FILE:savor_cli>)
suite(worker/custom ${python} tests/worker/custom_test.py $<TARGET_FILE:savor_cli>)
suite(worker/inputs ${python} tests/worker/inputs_test.py $<TARGET_FILE:savor_cli>)
set_tests_properties(worker/lab worker/custom worker/inputs PROPERTIES TIMEOUT 900)

# R models: what Rscript saves and answers; the recorded answers of ../shared.
suite(worker/crate ${python} -W ignore tests/worker/crate_test.py $<TARGET_FILE:savor_cli>)
suite(worker/crate_corpus ${python} -W ignore tests/worker/crate_corpus.py $<TARGET_FILE:savor_cli>)
set_tests_properties(worker/crate worker/crate_corpus PROPERTIES LABELS server)

# The server with real sockets, in front of a scorer that echoes.
add_subdirectory(${PROJECT_SOURCE_DIR}/tests/server ${CMAKE_CURRENT_BINARY_DIR}/server)
