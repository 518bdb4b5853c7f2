#include "aio/task_group.hpp"

#include <utility>

#include "aio/exception_group.hpp"

namespace aio::detail {

namespace {

/// The message to the other tasks of the group when one has thrown `exception`: a cancellation is
/// passed on as it is.
CancelledError request_after(const std::exception_ptr& exception, const std::string& who) {
  try {
    std::rethrow_exception(exception);
  } catch (const CancelledError& request) {
    return request;
  } catch (...) {
    return CancelledError("the body of its TaskGroup failed", who);
  }
}

}  // namespace

void GroupState::enter() {
  if (entered_) throw RuntimeError("TaskGroup " + describe() + " has already been entered");
  LoopState& loop = require_running_loop();
  if (!loop.current_task) {
    throw RuntimeError("TaskGroup " + describe() + " cannot determine the parent task");
  }
  loop_ = Ref<LoopState>(loop);
  parent_ = loop.current_task;
  parent_future_ = Ref<FutureBase>(parent_->future());
  settled_cancels_ = parent_->settled_cancels();
  entered_ = true;
  if (cancel_on_enter_) cancel();
}

LoopState& GroupState::require_accepting() const {
  if (!entered_) throw RuntimeError("TaskGroup " + describe() + " has not been entered");
  if (is_finished()) throw RuntimeError("TaskGroup " + describe() + " is finished");
  if (aborting_) throw RuntimeError("TaskGroup " + describe() + " is shutting down");
  return *loop_;
}

void GroupState::add(AnyTask child) {
  const auto place = children_.insert(children_.end(), std::move(child));
  // By way of the loop even if the child is done already: its failure must not cancel the parent in
  // the middle of the call that made it.
  const DoneHandle handle = place->add_done_callback(
      [group = Ref<GroupState>(*this), place](const AnyFuture&) { group->on_child_done(place); });
  handle.serve(*parent_future_, "TaskGroup");
  // Its eager first step may have ended the group, which did not know it yet.
  if (aborting_ && !place->done()) place->cancel("its TaskGroup was cancelled");
}

void GroupState::on_child_done(Children::iterator place) {
  const AnyTask child = std::move(*place);
  children_.erase(place);
  if (children_.empty() && all_done_ && !all_done_.done()) all_done_.set_result();
  if (child.cancelled()) return;
  if (std::exception_ptr exception = child.exception()) {
    on_child_failed(child, std::move(exception));
  }
}

void GroupState::on_child_failed(const AnyTask& child, std::exception_ptr exception) {
  const std::string who = child.state()->describe();
  if (parent_future_->done()) {
    loop_->report({who + " failed after the parent of its TaskGroup had ended", exception, who});
    return;
  }
  errors_.push_back(std::move(exception));
  sources_.push_back(who);
  if (aborting_) return;
  const CancelledError request(who + " of the same TaskGroup failed", child.get_name());
  abort(request);
  cancel_parent(request);
}

void GroupState::cancel() {
  if (!entered_) {
    cancel_on_enter_ = true;
    return;
  }
  if (aborting_ || is_finished()) return;
  const CancelledError request = make_cancel_request("its TaskGroup was cancelled");
  abort(request);
  cancel_parent(request);
}

void GroupState::abort(const CancelledError& request) {
  aborting_ = true;
  for (const AnyTask& child : children_) {
    if (!child.done()) child.state()->cancel(request);
  }
}

void GroupState::cancel_parent(const CancelledError& request) {
  parent_cancelled_ = true;
  parent_->request_cancel(request);
}

// The exit:
// 1. An exception of the body ends the group; CancelledError is kept, to be thrown again at the
// end.
// 2. Wait until no child is left. Each cancellation ends one wait, and is followed by the next; the
//    first one ends the group.
// 3. Take back the cancellation of the parent, and throw what there is to throw.
Coro<bool> GroupState::exit(Ref<GroupState> group, std::exception_ptr exception) {
  std::exception_ptr cancellation = group->begin_exit(exception);
  while (!group->children_.empty()) {
    group->all_done_ = Future<void>(make_ref<PlainFuture<void>>(*group->loop_));
    try {
      co_await group->all_done_;
    } catch (const CancelledError& request) {
      cancellation = std::current_exception();
      if (!group->aborting_) group->abort(request);
    }
  }
  co_return group->finish(exception, std::move(cancellation));
}

std::exception_ptr GroupState::begin_exit(const std::exception_ptr& exception) {
  if (!parent_) throw RuntimeError("TaskGroup " + describe() + " is not entered");
  exiting_ = true;
  if (!exception) return nullptr;
  if (!aborting_) abort(request_after(exception, parent_->name()));
  return holds<CancelledError>(exception) ? exception : nullptr;
}

bool GroupState::finish(const std::exception_ptr& exception, std::exception_ptr cancellation) {
  TaskCore& parent = *std::exchange(parent_, nullptr);
  const Ref<FutureBase> keeps_parent = std::exchange(parent_future_, nullptr);
  if (parent_cancelled_ && parent.end_own_cancel(settled_cancels_)) cancellation = nullptr;
  if (exception && !holds<CancelledError>(exception)) {
    errors_.push_back(exception);
    sources_.push_back("the body in " + keeps_parent->describe());
  }
  if (errors_.empty()) {
    if (cancellation) std::rethrow_exception(cancellation);
    return true;
  }
  // Who was cancelled from elsewhere has to hear of it again, as the group takes precedence. The
  // count stays what it is.
  if (parent.cancelling() > settled_cancels_) {
    static_cast<void>(parent.uncancel());
    parent.request_cancel(cancellation ? request_after(cancellation, {}) : CancelledError());
  }
  throw ExceptionGroup("unhandled errors in a TaskGroup", std::move(errors_), std::move(sources_));
}

std::string GroupState::describe() const {
  std::string text = "<TaskGroup";
  if (!children_.empty()) text += " tasks=" + std::to_string(children_.size());
  if (!errors_.empty()) text += " errors=" + std::to_string(errors_.size());
  if (aborting_) {
    text += " cancelling";
  } else if (entered_) {
    text += " entered";
  }
  return text + ">";
}

}  // namespace aio::detail
