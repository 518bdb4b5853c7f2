#include <doctest/doctest.h>

#include <thread>

#include "aio/event_loop.hpp"
#include "support/loop_test.hpp"

using namespace support;

TEST_CASE("[L11] what a callback throws goes to the exception handler and the loop goes on") {
  ReportLog log;
  aio::EventLoop loop;
  log.listen_to(loop);
  bool later = false;
  loop.call_soon([] { throw std::runtime_error("no luck"); });
  loop.call_soon([] { throw aio::CancelledError("given up"); });
  loop.call_soon([] { throw 5; });
  loop.call_later(-1s, [] { throw std::runtime_error("in a timer"); });
  loop.call_soon_threadsafe([] { throw std::runtime_error("from outside"); });
  loop.call_later(0s, [&] { later = true; });
  run_turns(loop, 2);
  REQUIRE(log.reports.size() == 5);
  CHECK(text_of(log.reports[0].exception) == "no luck");
  CHECK(log.reports[0].message == "Exception in callback");
  CHECK(log.reports[0].source == "callback");
  CHECK(text_of(log.reports[1].exception) == "cancelled: given up");
  CHECK(text_of(log.reports[2].exception) == "unknown");
  CHECK(later);
}

TEST_CASE("[L11] the default exception handler prints on standard error") {
  aio::EventLoop loop;
  loop.call_soon([] { throw std::runtime_error("no luck"); });
  const CapturedStderr captured;
  run_turns(loop, 1);
  CHECK(captured.text() == "aio: Exception in callback: no luck\n");
}

TEST_CASE("[L12] a handler that throws falls back to the default one") {
  aio::EventLoop loop;
  loop.set_exception_handler([](aio::EventLoop&, const aio::ExceptionContext&) {
    throw std::runtime_error("the handler is broken");
  });
  bool later = false;
  loop.call_soon([] { throw std::runtime_error("no luck"); });
  loop.call_soon([&] { later = true; });
  const CapturedStderr captured;
  run_turns(loop, 1);
  const std::string text = captured.text();
  CHECK(text.find("the handler is broken") != std::string::npos);
  CHECK(text.find("no luck") != std::string::npos);
  CHECK(later);
}

TEST_CASE("[L13] an empty handler restores the default one") {
  ReportLog log;
  aio::EventLoop loop;
  log.listen_to(loop);
  CHECK(loop.get_exception_handler());
  loop.set_exception_handler(nullptr);
  CHECK_FALSE(loop.get_exception_handler());
  loop.call_soon([] { throw std::runtime_error("no luck"); });
  const CapturedStderr captured;
  run_turns(loop, 1);
  CHECK(log.reports.empty());
  CHECK(captured.text().find("no luck") != std::string::npos);
}

TEST_CASE("an exception handler may replace itself and is told which loop") {
  aio::EventLoop loop;
  int first = 0;
  int second = 0;
  loop.set_exception_handler([&](aio::EventLoop& told, const aio::ExceptionContext&) {
    ++first;
    told.set_exception_handler([&](aio::EventLoop&, const aio::ExceptionContext&) { ++second; });
    CHECK(&told == &loop);
  });
  loop.call_exception_handler({"a", nullptr, "test"});
  loop.call_exception_handler({"b", nullptr, "test"});
  CHECK(first == 1);
  CHECK(second == 1);
}

namespace {

aio::Future<> failed_future(aio::EventLoop& loop) {
  auto future = loop.create_future();
  future.set_exception(std::runtime_error("nobody looked"));
  return future;
}

}  // namespace

TEST_CASE("a failed future dropped outside a run is reported to the handler") {
  ReportLog log;
  aio::EventLoop loop;
  log.listen_to(loop);
  failed_future(loop) = {};
  REQUIRE(log.reports.size() == 1);
  CHECK(text_of(log.reports[0].exception) == "nobody looked");
}

TEST_CASE("a failed future dropped on another thread does not call the handler there") {
  ReportLog log;
  aio::EventLoop loop;
  log.listen_to(loop);
  const CapturedStderr captured;
  auto future = failed_future(loop);
  std::thread([moved = std::move(future)]() mutable { moved = {}; }).join();
  CHECK(log.reports.empty());
  CHECK(captured.text().find("nobody looked") != std::string::npos);
}

TEST_CASE("a failed future that outlives its loop is reported on standard error") {
  ReportLog log;
  aio::Future<> future;
  {
    aio::EventLoop loop;
    log.listen_to(loop);
    future = failed_future(loop);
  }
  const CapturedStderr captured;
  future = {};
  CHECK(log.reports.empty());
  CHECK(captured.text().find("nobody looked") != std::string::npos);
}

TEST_CASE("an exception handler that holds a future of its loop goes with the loop") {
  int alive = 0;
  {
    aio::EventLoop loop;
    loop.set_exception_handler([future = loop.create_future(), counted = Counted(alive)](
                                   aio::EventLoop&, const aio::ExceptionContext&) {});
    CHECK(alive == 1);
  }
  CHECK(alive == 0);
}
