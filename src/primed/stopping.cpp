#include "primed/stopping.hpp"

#include <algorithm>

namespace primed {

namespace {

constexpr int requests_to_die = 3;

}  // namespace

Stopping::Order Stopping::on_request(aio::TimePoint now, aio::Duration grace) {
  requests_ = std::min(requests_ + 1, requests_to_die);
  if (requests_ == requests_to_die) return Order::die;
  switch (state_) {
    case State::working:
      state_ = State::grace;
      deadline_ = aio::saturating_add(now, grace);
      return Order::finish;
    case State::grace: return interrupt(now);
    case State::interrupting:
    case State::leaving: break;  // the grace was over when the second one came
  }
  return Order::none;
}

Stopping::Order Stopping::on_time(aio::TimePoint now) {
  if (!deadline_ || now < *deadline_) return Order::none;
  if (state_ == State::grace) return interrupt(now);
  state_ = State::leaving;
  deadline_.reset();
  return Order::leave;
}

Stopping::Order Stopping::interrupt(aio::TimePoint now) {
  state_ = State::interrupting;
  deadline_ = aio::saturating_add(now, release_time);
  return Order::interrupt;
}

}  // namespace primed
