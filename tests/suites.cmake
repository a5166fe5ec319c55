# Tests that are neither unit tests nor fuzz seeds. A skipped test exits with 77.

# suite(<name> <command...>): one test; the release and debug builds both run it.
function(suite name)
    add_test(NAME ${name} COMMAND ${ARGN} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300)
endfunction()

find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(python ${Python3_EXECUTABLE} -B)
set(check ${python} ${PROJECT_SOURCE_DIR}/tools/check)

# The rules of the house; CONTRIBUTING.md lists them.
foreach(rule includes calls sizes headers papers layout symbols)
    suite(house/${rule} ${check} --build ${PROJECT_BINARY_DIR} ${rule})
endforeach()
suite(house/check ${python} ${PROJECT_SOURCE_DIR}/tests/house/check_test.py)
