#include "aio/detail/outside_work.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

namespace {

using aio::detail::OutsideWork;
using aio::detail::OutsideWorkList;
using Claim = OutsideWork::Claim;

/// Tells what it is asked, under its name.
class Recorded final : public OutsideWork {
 public:
  Recorded(std::string name, std::vector<std::string>& told)
      : name_(std::move(name)), told_(told) {}
  ~Recorded() override { told_.push_back(name_ + " gone"); }

  Claim claim() const override { return claimed; }
  void send_gathered() override {
    told_.push_back(name_ + " sends");
    if (on_send) on_send();
  }
  bool look_after() override {
    told_.push_back(name_ + " looks");
    return looks_again;
  }
  void cancel_all() noexcept override {
    told_.push_back(name_ + " cancels");
    if (on_cancel) on_cancel();
  }
  bool end(bool by_force) noexcept override {
    told_.push_back(name_ + (by_force ? " is ended" : " ends"));
    return by_force;
  }

  Claim claimed = Claim::nothing;
  bool looks_again = false;
  std::function<void()> on_send;
  std::function<void()> on_cancel;

 private:
  const std::string name_;
  std::vector<std::string>& told_;
};

struct Fixture {
  std::vector<std::string> told;
  OutsideWorkList list;
  aio::detail::Ref<Recorded> a = aio::detail::make_ref<Recorded>("a", told);
  aio::detail::Ref<Recorded> b = aio::detail::make_ref<Recorded>("b", told);
  aio::detail::Ref<Recorded> c = aio::detail::make_ref<Recorded>("c", told);
  Fixture() {
    list.add(*a);
    list.add(*b);
    list.add(*c);
  }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;
  ~Fixture() {
    for (auto& work : {a, b, c}) {
      if (work) list.remove(*work);
    }
  }
};

using Told = std::vector<std::string>;

}  // namespace

TEST_CASE_FIXTURE(Fixture, "outside work is asked in the order in which it was added") {
  list.has_gathered = true;
  list.send_gathered();
  CHECK(told == Told{"a sends", "b sends", "c sends"});
  CHECK_FALSE(list.has_gathered);
}

TEST_CASE_FIXTURE(Fixture, "a list of outside work claims the most that anything in it does") {
  CHECK(list.claims(Claim::nothing));
  CHECK_FALSE(list.claims(Claim::time));
  b->claimed = Claim::time;
  CHECK(list.claims(Claim::time));
  CHECK_FALSE(list.claims(Claim::loop));
  c->claimed = Claim::loop;
  CHECK(list.claims(Claim::time));
  CHECK(list.claims(Claim::loop));
}

TEST_CASE_FIXTURE(Fixture, "all outside work is looked after, and again if any of it needs that") {
  CHECK_FALSE(list.look_after());
  a->looks_again = true;
  told.clear();
  CHECK(list.look_after());
  CHECK(told == Told{"a looks", "b looks", "c looks"});
}

TEST_CASE_FIXTURE(Fixture,
                  "outside work may leave the list while it is asked, with its last owner") {
  b->on_send = [this] {
    OutsideWork& leaving = *b;
    b = nullptr;
    list.remove(leaving);
  };
  list.send_gathered();
  CHECK(told == Told{"a sends", "b sends", "b gone", "c sends"});
  told.clear();
  list.send_gathered();
  CHECK(told == Told{"a sends", "c sends"});
}

TEST_CASE_FIXTURE(Fixture, "what is cancelled may take other outside work from the list") {
  a->on_cancel = [this] {
    OutsideWork& leaving = *b;
    b = nullptr;
    list.remove(leaving);
  };
  list.cancel_all();
  CHECK(told == Told{"a cancels", "b cancels", "c cancels", "b gone"});
}

TEST_CASE_FIXTURE(Fixture, "outside work has ended when all of it says so") {
  CHECK_FALSE(list.end(false));
  CHECK(list.end(true));
  CHECK(told == Told{"a ends", "b ends", "c ends", "a is ended", "b is ended", "c is ended"});
}

TEST_CASE("an empty list of outside work claims nothing and has ended") {
  OutsideWorkList list;
  CHECK_FALSE(list.claims(Claim::nothing));
  CHECK_FALSE(list.look_after());
  CHECK(list.end(false));
}
