# Installed files: library, command, headers, pkg-config and CMake package files.
