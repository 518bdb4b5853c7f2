#include <malloc.h>
#include <unistd.h>

#include <exception>
#include <memory>
#include <string>

#include "aio/aio.hpp"
#include "primed/commands.hpp"
#include "primed/messages.hpp"
#include "primed/service.hpp"
#include "primed/signals.hpp"

namespace primed {

namespace {

/// How long the reader of standard error gets at the end, for what it has not taken.
constexpr aio::Duration last_words_time = std::chrono::seconds(1);
constexpr aio::Duration last_words_time_in_haste = std::chrono::milliseconds(20);

/// Arenas of malloc. Workers allocate and the loop frees, so memory stays behind in each arena; few
/// are enough, as workers allocate a few times a chunk of lines only.
constexpr int arenas_max = 4;

void set_up_process() {
  mallopt(M_ARENA_MAX, arenas_max);
  // The ticks of countdowns come before checks.
  aio::run_pool_in_background();
  aio::request_prompt_wakes();
}

std::string text_of(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    return error.what();
  } catch (const aio::CancelledError& error) {
    return "cancelled: " + error.message();
  } catch (...) {
    return "an exception of an unknown type";
  }
}

/// Has `messages` print the reports of the loop, such as a task that failed unseen.
void print_reports(aio::EventLoop& loop, Messages& messages) {
  loop.set_exception_handler([&messages](aio::EventLoop&, const aio::ExceptionContext& context) {
    const std::string what = context.exception ? ": " + text_of(context.exception) : "";
    messages.print("aio: " + context.message + what + "\n");
  });
}

/// For `primed ps`. The work goes on without it.
std::unique_ptr<aio::InspectServer> serve_inspection(aio::EventLoop& loop, Messages& messages) {
  try {
    return std::make_unique<aio::InspectServer>(loop);
  } catch (const std::exception& error) {
    messages.say(std::string("primed ps will not work: ") + error.what());
    return nullptr;
  }
}

ExitCode run_to_the_end(aio::EventLoop& loop, Service& service) {
  return loop.run_until_complete(loop.create_task(service.main(), "main"));
}

ExitCode serve_until_stopped(aio::EventLoop& loop, Service& service) {
  const aio::Task<ExitCode> main = loop.create_task(service.main(), "main");
  main.add_done_callback([&loop](const aio::AnyFuture&) { loop.stop(); });
  loop.run_forever();
  return main.result();
}

/// The whole work, and every way in which it may end as an exit code.
ExitCode outcome_of(Service& service, aio::EventLoop& loop, Messages& messages) {
  try {
    return service.is_service() ? serve_until_stopped(loop, service)
                                : run_to_the_end(loop, service);
  } catch (const aio::CancelledError&) {  // a signal, while the list was being read
    return service.exit_code();
  } catch (const Exit& exit) {
    messages.say(exit.what());
    return exit.code();
  } catch (...) {
    messages.say("internal error: " + text_of(std::current_exception()));
    return ExitCode::internal;
  }
}

}  // namespace

ExitCode work(const Options& options) {
  // 1. Before anything else: as process 1 of a container, a signal that nobody catches is lost.
  catch_signals();
  set_up_process();
  // 2. The messages, the loop, and the socket of those who look at it.
  Messages messages(STDERR_FILENO);
  aio::EventLoop loop;
  messages.attach(loop);
  print_reports(loop, messages);
  std::unique_ptr<aio::InspectServer> inspection = serve_inspection(loop, messages);
  // 3. The work, which hears the signals that have come meanwhile first.
  Service service(loop, messages, options);
  listen_to_signals(loop, [&service](int signal) { service.on_signal(signal); });
  ExitCode code = outcome_of(service, loop, messages);
  // 4. Nothing is left to be stopped in order: the next signal ends the program as it stands.
  exit_at_next_signal(code);
  // 5. The loop ends before anything that its tasks use.
  messages.detach();
  service.abandon();
  loop.close();
  // 6. The results: their disk has the last word.
  code = service.close_results(code);
  exit_at_next_signal(code);
  // 7. Last words, for which no reader is waited for long; then `primed ps` sees nothing more.
  messages.flush(service.is_in_haste() ? last_words_time_in_haste : last_words_time);
  inspection.reset();
  return code;
}

}  // namespace primed
