#pragma once

namespace primed {

/// The exit codes of the program; the numbers of sysexits.h where it has one for the case.
enum class ExitCode {
  success = 0,            ///< done, or a service stopped cleanly
  jobs_failed = 1,        ///< finished, but some jobs did not succeed or lines were rejected
  usage = 64,             ///< a wrong command line
  no_input = 66,          ///< the job list cannot be read
  unavailable = 69,       ///< there is no such process, or it cannot be inspected
  internal = 70,          ///< a fault of the program
  cannot_create = 73,     ///< the results file cannot be opened for writing
  output_failed = 74,     ///< the results could not all be written
  work_left = 75,         ///< stopped with work interrupted or left (only `run`; outranks 1)
  no_permission = 77,     ///< the process belongs to another user
  bad_configuration = 78  ///< an error in the job list, its settings or the environment
};

}  // namespace primed
