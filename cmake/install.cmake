# Installed files: library, command, headers, manual page, pkg-config and CMake package files.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/savor)

set_target_properties(savor_static PROPERTIES EXPORT_NAME static)
install(TARGETS savor EXPORT savorTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS savor_static EXPORT savorStaticTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET savor_cli)
    install(TARGETS savor_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(DIRECTORY include/savor DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(DIRECTORY python/savor DESTINATION ${CMAKE_INSTALL_DATADIR}/savor/python FILES_MATCHING PATTERN "*.py")
install(FILES docs/man/savor.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES LICENSE README.md CHANGELOG.md docs/differences-from-mlflow.md DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)

# savor.pc finds its prefix from where it lies, so that an installed tree may be moved.
file(RELATIVE_PATH SAVOR_PC_PREFIX ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" SAVOR_PC_PREFIX "${SAVOR_PC_PREFIX}")
set(SAVOR_PC_LIBDIR "\${prefix}")
cmake_path(APPEND SAVOR_PC_LIBDIR ${CMAKE_INSTALL_LIBDIR})
set(SAVOR_PC_INCLUDEDIR "\${prefix}")
cmake_path(APPEND SAVOR_PC_INCLUDEDIR ${CMAKE_INSTALL_INCLUDEDIR})
configure_file(cmake/savor.pc.in savor.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/savor.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

configure_package_config_file(cmake/savorConfig.cmake.in savorConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(savorConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/savorConfig.cmake ${PROJECT_BINARY_DIR}/savorConfigVersion.cmake
    DESTINATION ${package_dir})
install(EXPORT savorTargets NAMESPACE savor:: DESTINATION ${package_dir})
install(EXPORT savorStaticTargets NAMESPACE savor:: DESTINATION ${package_dir})
