# Compiler and linker options of everything that is built here, as one interface target.
add_library(savor_options INTERFACE)
target_compile_definitions(savor_options INTERFACE _POSIX_C_SOURCE=200809L)
target_compile_options(savor_options INTERFACE
    -Wall -Wextra -Wshadow -Wpointer-arith -Wcast-qual -Wundef -Wvla -Walloca -fno-common -fvisibility=hidden
    -ffp-contract=off -fno-math-errno
    $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes -Wmissing-prototypes>
    $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions -fno-rtti>
    $<$<BOOL:${SAVOR_WERROR}>:-Werror>)
target_link_options(savor_options INTERFACE -Wl,--no-undefined -Wl,-z,relro,-z,now,-z,noexecstack)

if(SAVOR_SANITIZE)
    target_compile_options(savor_options INTERFACE
        -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(savor_options INTERFACE -fsanitize=address,undefined)
elseif(SAVOR_TSAN)
    target_compile_options(savor_options INTERFACE -fsanitize=thread)
    target_link_options(savor_options INTERFACE -fsanitize=thread)
else()
    target_compile_options(savor_options INTERFACE
        $<$<CONFIG:Release>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3>
        -fstack-protector-strong -fstack-clash-protection)
    # The C++ library is used by one file; linked in, so that a C program that embeds libsavor needs no libstdc++.
    target_link_options(savor_options INTERFACE -static-libstdc++ -static-libgcc)
endif()
if(SAVOR_FUZZ) # without it libFuzzer sees the target alone and not the library
    target_compile_options(savor_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(SAVOR_ARENA_MALLOC)
    target_compile_definitions(savor_options INTERFACE SAVOR_ARENA_MALLOC)
endif()

find_package(PkgConfig REQUIRED)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
find_package(Threads REQUIRED)
