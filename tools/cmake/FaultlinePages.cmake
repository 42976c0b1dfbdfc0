# faultline_pages(<target>): embeds the pages of tools/web in <target>, bundled by Node.js.
#
# npm brings the packages that tools/web/package-lock.json names into the build tree, once; without a network it takes them from
# npm's cache. Without Node.js, or where npm fails, the command is built without pages and says so when one is asked for.
option(FAULTLINE_BUILD_PAGES "Bundle the pages of reports and console; takes Node.js and npm" ON)

# Sets `result` to whether the packages are there.
function(faultline_web_packages result)
  set(${result} FALSE PARENT_SCOPE)
  find_program(FAULTLINE_NODE NAMES node nodejs)
  find_program(FAULTLINE_NPM NAMES npm)
  if(NOT FAULTLINE_NODE OR NOT FAULTLINE_NPM)
    message(STATUS "reports as HTML and the console are left out: there is no Node.js")
    return()
  endif()
  set(web "${PROJECT_BINARY_DIR}/web")
  configure_file("${PROJECT_SOURCE_DIR}/tools/web/package.json" "${web}/package.json" COPYONLY)
  configure_file("${PROJECT_SOURCE_DIR}/tools/web/package-lock.json" "${web}/package-lock.json"
                 COPYONLY)
  file(SHA256 "${web}/package-lock.json" wanted)
  set(there "")
  if(EXISTS "${web}/node_modules.sha256")
    file(READ "${web}/node_modules.sha256" there)
  endif()
  if(NOT there STREQUAL wanted)
    message(STATUS "bringing the packages of tools/web (npm ci)")
    execute_process(
      COMMAND "${FAULTLINE_NPM}" ci --prefix "${web}" --prefer-offline --no-audit --no-fund
              --loglevel=error
      WORKING_DIRECTORY "${web}"
      RESULT_VARIABLE failed
      ERROR_VARIABLE why
      OUTPUT_QUIET)
    if(failed)
      message(STATUS "reports as HTML and the console are left out: npm ci has failed: ${why}")
      return()
    endif()
    file(WRITE "${web}/node_modules.sha256" "${wanted}")
  endif()
  set(${result} TRUE PARENT_SCOPE)
endfunction()

function(faultline_pages target)
  set(sources "${PROJECT_SOURCE_DIR}/tools/web")
  set(web "${PROJECT_BINARY_DIR}/web")
  set(packages FALSE)
  if(FAULTLINE_BUILD_PAGES)
    faultline_web_packages(packages)
  endif()
  if(NOT packages)
    target_sources(${target} PRIVATE "${sources}/no_assets.cpp")
    return()
  endif()
  file(GLOB_RECURSE pages CONFIGURE_DEPENDS "${sources}/report/*" "${sources}/console/*")
  add_custom_command(
    OUTPUT "${web}/assets_data.cpp"
    COMMAND "${CMAKE_COMMAND}" -E rm -rf "${web}/report" "${web}/console"
    COMMAND "${CMAKE_COMMAND}" -E copy_directory "${sources}/report" "${web}/report"
    COMMAND "${CMAKE_COMMAND}" -E copy_directory "${sources}/console" "${web}/console"
    COMMAND "${CMAKE_COMMAND}" -E copy "${sources}/build.mjs" "${sources}/theme.css" "${web}"
    COMMAND "${FAULTLINE_NODE}" "${web}/build.mjs" "${web}/assets_data.cpp"
    DEPENDS ${pages} "${sources}/build.mjs" "${sources}/theme.css"
            "${web}/node_modules.sha256"
    COMMENT "Bundling the pages of reports and console"
    VERBATIM)
  target_sources(${target} PRIVATE "${web}/assets_data.cpp")
endfunction()
