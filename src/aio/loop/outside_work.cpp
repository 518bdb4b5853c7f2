#include "aio/detail/outside_work.hpp"

#include <vector>

namespace aio::detail {

void OutsideWorkList::add(OutsideWork& work) noexcept {
  work.add_ref();
  work.previous_ = last_;
  work.next_ = nullptr;
  (last_ ? last_->next_ : first_) = &work;
  last_ = &work;
}

void OutsideWorkList::remove(OutsideWork& work) noexcept {
  (work.previous_ ? work.previous_->next_ : first_) = work.next_;
  (work.next_ ? work.next_->previous_ : last_) = work.previous_;
  work.release();
}

bool OutsideWorkList::claims(OutsideWork::Claim least) const {
  for (const OutsideWork* work = first_; work; work = work->next_) {
    if (work->claim() >= least) return true;
  }
  return false;
}

/// The work that `f` is called with may leave the list meanwhile; no other may.
template <class F>
void OutsideWorkList::for_each(const F& f) {
  OutsideWork* next = first_;
  while (next) {
    const Ref<OutsideWork> work(*next);
    next = next->next_;
    f(*work);
  }
}

void OutsideWorkList::send_gathered() {
  has_gathered = false;
  for_each([](OutsideWork& work) { work.send_gathered(); });
}

void OutsideWorkList::take_done() {
  for_each([](OutsideWork& work) { work.take_done(); });
}

bool OutsideWorkList::look_after() {
  bool again = false;
  for_each([&again](OutsideWork& work) { again = work.look_after() || again; });
  return again;
}

// Cancelled calls drop their arguments, whose destructors may do anything to the list.
void OutsideWorkList::cancel_all() noexcept {
  std::vector<Ref<OutsideWork>> works;
  for_each([&works](OutsideWork& work) { works.emplace_back(work); });
  for (const Ref<OutsideWork>& work : works) work->cancel_all();
}

bool OutsideWorkList::end(bool by_force) noexcept {
  bool ended = true;
  for_each([&ended, by_force](OutsideWork& work) { ended = work.end(by_force) && ended; });
  return ended;
}

}  // namespace aio::detail
