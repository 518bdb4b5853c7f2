# What `cmake --install build/release --prefix /usr/local` puts where: the libraries with their
# headers, their CMake package and their pkg-config files; and the program, where it is built, with
# its example lists and its schema.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/primed)
set(pkgconfig_folder ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
# Whatever `--prefix` says: the files of pkg-config find the rest from where they stand.
file(RELATIVE_PATH prefix_from_pkgconfig /${pkgconfig_folder} /)

foreach(library IN ITEMS aio primes)
  install(TARGETS primed-${library} EXPORT primed-targets
    INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(DIRECTORY include/${library} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN *.hpp)
  configure_file(cmake/package/libprimed-${library}.pc.in libprimed-${library}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/libprimed-${library}.pc
    DESTINATION ${pkgconfig_folder})
endforeach()

install(EXPORT primed-targets NAMESPACE primed:: DESTINATION ${package_folder})
configure_package_config_file(cmake/package/primed-config.cmake.in primed-config.cmake
  INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(primed-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/primed-config.cmake
    ${PROJECT_BINARY_DIR}/primed-config-version.cmake
  DESTINATION ${package_folder})

if(TARGET primed)
  install(TARGETS primed)
  install(DIRECTORY config/ DESTINATION ${CMAKE_INSTALL_DATADIR}/primed)
endif()
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
