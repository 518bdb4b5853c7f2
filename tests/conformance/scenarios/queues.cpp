// Queues.

#include <optional>

#include "scenario.hpp"

using namespace conformance;

template <class Q>
static std::string get_nowait(Q& queue) {
  return attempt([&] { return queue.get_nowait(); });
}

template <class Q, class T>
static std::string put_nowait(Q& queue, T item) {
  return attempt([&] { queue.put_nowait(item); });
}

template <class Q>
static Coro<> get(std::string name, Q& queue) {
  auto got = queue.get();
  const std::string result = co_await outcome(std::move(got));
  trace(name, result, at());
}

template <class Q, class T>
static Coro<> put(std::string name, Q& queue, T item) {
  auto put = queue.put(item);
  const std::string result = co_await outcome(std::move(put));
  trace(name, result, at());
}

using Numbers = aio::Queue<int>;
using Texts = aio::Queue<std::string>;

static aio::Task<> start_get(const char* name, Numbers& queue) {
  return aio::create_task(get<Numbers>, std::string(name), std::ref(queue));
}
static aio::Task<> start_put(const char* name, Texts& queue) {
  return aio::create_task(put<Texts, std::string>, std::string(name), std::ref(queue),
                          std::string(name));
}

template <class Q>
static Coro<> put_three_and_get_them() {
  Q queue;
  for (const int item : {2, 3, 1}) co_await queue.put(item);
  trace(queue.qsize(), queue.full(), queue.empty());
  std::vector<int> items;
  for (int i = 0; i < 3; ++i) items.push_back(queue.get_nowait());
  trace(items, queue.empty());
}

SCENARIO(queues_have_their_orders) {
  co_await put_three_and_get_them<aio::Queue<int>>();
  co_await put_three_and_get_them<aio::LifoQueue<int>>();
  co_await put_three_and_get_them<aio::PriorityQueue<int>>();
}

SCENARIO(nowait_raises_instead_of_waiting) {
  Numbers queue(1);
  trace(get_nowait(queue));
  const std::string put = put_nowait(queue, 1);
  trace(put, queue.full());
  trace(put_nowait(queue, 2));
  const std::string got = get_nowait(queue);
  trace(got, queue.full());
  co_return;
}

SCENARIO(put_waits_while_the_queue_is_full) {
  Texts queue(1);
  std::vector<aio::Task<>> tasks;
  for (const char* name : {"a", "b", "c"}) tasks.push_back(start_put(name, queue));
  co_await ticks(2);
  for (int i = 0; i < 3; ++i) {
    const std::string item = co_await queue.get();
    trace("got", item);
    co_await turns(2);
  }
  for (const auto& task : tasks) co_await task;
}

SCENARIO(getters_are_served_in_order) {
  Numbers queue;
  std::vector<aio::Task<>> tasks;
  for (const char* name : {"a", "b", "c"}) tasks.push_back(start_get(name, queue));
  co_await turns(1);
  for (const int item : {1, 2}) queue.put_nowait(item);
  co_await ticks(2);
  queue.put_nowait(3);
  for (const auto& task : tasks) co_await task;
}

using Items = aio::Queue<std::optional<int>>;

static Coro<> produce(Items& queue) {
  for (int item = 0; item < 5; ++item) {
    co_await queue.put(item);
    trace("put", item);
  }
  co_await queue.put(std::nullopt);
}

static Coro<> consume(Items& queue) {
  while (const std::optional<int> item = co_await queue.get()) {
    trace("got", *item);
    co_await aio::sleep(0);
  }
}

SCENARIO(producer_and_consumer_take_turns) {
  Items queue(2);
  const auto producer = aio::create_task(produce, std::ref(queue));
  co_await consume(queue);
  co_await producer;
}

SCENARIO(a_cancelled_getter_loses_no_item) {
  Numbers queue;
  const auto a = start_get("a", queue);
  const auto b = start_get("b", queue);
  co_await turns(1);
  queue.put_nowait(1);
  a.cancel();
  queue.put_nowait(2);
  co_await ticks(3);
  trace(queue.qsize(), std::tuple(a.done(), b.done()));
}

SCENARIO(a_cancelled_putter_passes_its_place_on) {
  Texts queue(1);
  queue.put_nowait("0");
  const auto a = start_put("a", queue);
  const auto b = start_put("b", queue);
  co_await turns(1);
  trace("got", queue.get_nowait());
  a.cancel();
  co_await ticks(4);
  trace("got", queue.get_nowait());
  co_await a;
  co_await b;
}

static Coro<> join(Numbers& queue) {
  co_await queue.join();
  trace("joined");
}

SCENARIO(join_waits_for_every_task_done) {
  Numbers queue;
  co_await queue.join();
  trace("joined at once");
  queue.put_nowait(1);
  queue.put_nowait(2);
  const auto task = aio::create_task(join, std::ref(queue));
  for (int i = 0; i < 2; ++i) {
    co_await turns(1);
    queue.get_nowait();
    trace("done one");
    queue.task_done();
  }
  co_await ticks(2);
  co_await task;
  trace(attempt([&] { queue.task_done(); }));
}

SCENARIO(a_shutdown_wakes_and_drains) {
  Numbers queue(1);
  queue.put_nowait(1);
  const auto putter =
      aio::create_task(put<Numbers, int>, std::string("putter"), std::ref(queue), 2);
  co_await turns(1);
  queue.shutdown();
  co_await putter;
  const std::string at_once = put_nowait(queue, 3);
  auto later = queue.put(3);
  trace(at_once, co_await outcome(std::move(later)));
  auto get_first = queue.get();
  const std::string first = co_await outcome(std::move(get_first));
  auto get_second = queue.get();
  const std::string second = co_await outcome(std::move(get_second));
  trace(first, second, get_nowait(queue));
  queue.task_done();
  co_await queue.join();
  trace("joined");
}

SCENARIO(a_shutdown_wakes_getters) {
  Numbers queue;
  const auto a = start_get("a", queue);
  const auto b = start_get("b", queue);
  co_await turns(1);
  queue.shutdown();
  co_await ticks(2);
  co_await a;
  co_await b;
}

SCENARIO(an_immediate_shutdown_drops_what_is_there) {
  Numbers queue;
  for (const int item : {1, 2, 3}) queue.put_nowait(item);
  queue.get_nowait();
  const auto task = aio::create_task(join, std::ref(queue));
  co_await turns(1);
  queue.shutdown(true);
  trace(queue.qsize(), get_nowait(queue));
  co_await ticks(2);
  queue.task_done();
  co_await task;
}
