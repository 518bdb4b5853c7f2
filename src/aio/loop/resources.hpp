#pragma once

namespace aio::detail {

/// Something that a loop keeps open until it is told otherwise: a connection, a server, a child
/// process.
class Resource {
 public:
  /// The loop is about to cancel its tasks: nothing is to make new ones any more.
  virtual void stop_accepting() noexcept {}
  /// The loop closes: lets go of everything, and leaves the list.
  virtual void end() noexcept = 0;

 protected:
  ~Resource() = default;

 private:
  friend class Resources;
  Resource* previous_ = nullptr;
  Resource* next_ = nullptr;
};

/// The resources of a loop.
class Resources {
 public:
  void add(Resource& resource) noexcept {
    resource.previous_ = nullptr;
    resource.next_ = first_;
    if (first_) first_->previous_ = &resource;
    first_ = &resource;
  }
  void remove(Resource& resource) noexcept {
    (resource.previous_ ? resource.previous_->next_ : first_) = resource.next_;
    if (resource.next_) resource.next_->previous_ = resource.previous_;
  }

  void stop_accepting() noexcept {
    for (Resource* resource = first_; resource; resource = resource->next_) {
      resource->stop_accepting();
    }
  }
  void end_all() noexcept {
    while (first_) first_->end();
  }

 private:
  Resource* first_ = nullptr;
};

}  // namespace aio::detail
