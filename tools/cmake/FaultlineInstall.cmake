# Install rules: libraries as faultline::proto, ::engine, ::kms, ::regions, ::command, headers under include/faultline with their layer
# ("regions/faultline.h"), the command, and a package for find_package(Faultline).
include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/Faultline")

set(layers proto engine kms regions)
if(TARGET faultline_command)
  list(APPEND layers command)
endif()
foreach(layer IN LISTS layers)
  set_target_properties(faultline_${layer} PROPERTIES EXPORT_NAME ${layer})
  install(
    TARGETS faultline_${layer}
    EXPORT FaultlineTargets
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/faultline")
endforeach()
# What the command is made of besides, and offers nobody a header.
if(TARGET faultline_command)
  install(
    TARGETS faultline_console faultline_data faultline_report faultline_serve
    EXPORT FaultlineTargets
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
endif()
install(
  DIRECTORY "${PROJECT_BINARY_DIR}/generated/proto" "${PROJECT_SOURCE_DIR}/proto"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/faultline"
  FILES_MATCHING
  PATTERN "*.pb.h"
  PATTERN "*.proto")
install(
  EXPORT FaultlineTargets
  NAMESPACE faultline::
  DESTINATION "${package_dir}")

configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/tools/cmake/FaultlineConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/FaultlineConfig.cmake"
  INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/FaultlineConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(
  FILES "${PROJECT_BINARY_DIR}/FaultlineConfig.cmake"
        "${PROJECT_BINARY_DIR}/FaultlineConfigVersion.cmake"
        "${PROJECT_SOURCE_DIR}/tools/cmake/FindCryptopp.cmake"
        "${PROJECT_SOURCE_DIR}/tools/cmake/FindLibdeflate.cmake"
        "${PROJECT_SOURCE_DIR}/tools/cmake/FindxxHash.cmake"
  DESTINATION "${package_dir}")

if(TARGET faultline)
  install(TARGETS faultline RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()
install(
  DIRECTORY "${PROJECT_SOURCE_DIR}/scenarios"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/faultline"
  FILES_MATCHING
  PATTERN "*.textproto")
