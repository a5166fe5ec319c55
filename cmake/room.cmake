# room(NAME <room> SOURCES <files> USES <rooms>): one OBJECT library per folder of src/.
#
# The include root of a room reaches only itself and the rooms that it names: each room's folder is linked into
# <build>/rooms/<room>/<room>, and only the listed roots are put on the include path. An include that points up or
# sideways is then "no such file".
function(room)
    cmake_parse_arguments(ROOM "" "NAME" "SOURCES;USES" ${ARGN})
    set(root ${PROJECT_BINARY_DIR}/rooms/${ROOM_NAME})
    file(MAKE_DIRECTORY ${root})
    if(NOT EXISTS ${root}/${ROOM_NAME})
        file(CREATE_LINK ${PROJECT_SOURCE_DIR}/src/${ROOM_NAME} ${root}/${ROOM_NAME} SYMBOLIC)
    endif()
    list(TRANSFORM ROOM_SOURCES PREPEND ${PROJECT_SOURCE_DIR}/src/${ROOM_NAME}/)
    add_library(room_${ROOM_NAME} OBJECT ${ROOM_SOURCES})
    target_include_directories(room_${ROOM_NAME} PRIVATE ${PROJECT_SOURCE_DIR}/include ${root})
    foreach(used IN LISTS ROOM_USES)
        target_include_directories(room_${ROOM_NAME} PRIVATE ${PROJECT_BINARY_DIR}/rooms/${used})
    endforeach()
    target_link_libraries(room_${ROOM_NAME} PRIVATE savor_options)
    set_property(GLOBAL APPEND PROPERTY SAVOR_ROOMS ${ROOM_NAME})
endfunction()
