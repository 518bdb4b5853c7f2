#include "aio/detail/block_pool.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace aio::detail {

namespace {

constexpr std::size_t slab_size = std::size_t{256} * 1024;
constexpr std::size_t kept_max = std::size_t{256} * 1024;  // bytes in one list of one thread
constexpr std::size_t refill_size = std::size_t{8} * 1024;

constexpr std::size_t size_of(std::size_t index) { return (index + 1) * block_size_step; }

/// What stands at the beginning of a slab. It begins where its size divides the address, so that
/// every block finds it.
struct Slab {
  explicit Slab(std::size_t block_size) : uncut((slab_size - begin) / block_size) {}

  static constexpr std::size_t begin = 64;  // of the first block

  bool has_blocks() const { return freed || uncut > 0; }
  void* take(std::size_t block_size) {
    ++out;
    if (FreeBlock* const block = freed) {
      freed = block->next;
      return block;
    }
    --uncut;
    return reinterpret_cast<char*>(this) + begin + cut++ * block_size;
  }
  void give(FreeBlock* block) {
    block->next = freed;
    freed = block;
    --out;
  }

  Slab* previous = nullptr;  // in the list of those that have blocks
  Slab* next = nullptr;
  FreeBlock* freed = nullptr;
  std::size_t uncut;    // how many blocks were never taken: those at the end
  std::size_t cut = 0;  // how many were ever taken
  std::size_t out = 0;  // how many are
};

/// All threads' store. Nothing in it needs a destructor: threads may end after the program has.
class Store {
 public:
  /// A chain of up to `count` blocks, at least one. What was never taken comes in the order of the
  /// addresses, which suits the processor.
  FreeBlock* take(std::size_t index, std::size_t count) {
    const std::lock_guard lock(mutex_);
    FreeBlock* chain = nullptr;
    FreeBlock** end = &chain;
    Slab* slab = first_[index] ? first_[index] : add_slab(index);
    for (; count > 0 && slab; --count) {
      *end = ::new (slab->take(size_of(index))) FreeBlock{nullptr};
      end = &(*end)->next;
      if (slab->has_blocks()) continue;
      unlink(index, *slab);
      slab = first_[index];
    }
    return chain;
  }

  void give(std::size_t index, FreeBlock* chain) noexcept {
    const std::lock_guard lock(mutex_);
    while (FreeBlock* const block = chain) {
      chain = block->next;
      Slab& slab = *reinterpret_cast<Slab*>(reinterpret_cast<std::uintptr_t>(block) &
                                            ~std::uintptr_t{slab_size - 1});
      if (!slab.has_blocks()) link(index, slab);
      slab.give(block);
      // One is kept, so that it need not be made again at once.
      if (slab.out > 0 || (first_[index] == &slab && !slab.next)) continue;
      unlink(index, slab);
      ::operator delete(&slab, std::align_val_t(slab_size));
    }
  }

 private:
  Slab* add_slab(std::size_t index) {
    void* const memory = ::operator new(slab_size, std::align_val_t(slab_size));
    Slab* const slab = ::new (memory) Slab(size_of(index));
    link(index, *slab);
    return slab;
  }
  void link(std::size_t index, Slab& slab) noexcept {
    slab.previous = nullptr;
    slab.next = first_[index];
    if (slab.next) slab.next->previous = &slab;
    first_[index] = &slab;
  }
  void unlink(std::size_t index, Slab& slab) noexcept {
    (slab.previous ? slab.previous->next : first_[index]) = slab.next;
    if (slab.next) slab.next->previous = slab.previous;
  }

  std::mutex mutex_;
  std::array<Slab*, block_size_max / block_size_step> first_{};  // of those that have blocks
};
static_assert(sizeof(Slab) <= Slab::begin && Slab::begin % 16 == 0);

constinit Store store;

enum class State : unsigned char { unused, used, ended };
constinit thread_local State state = State::unused;

/// Empties the lists when the thread ends.
struct ListsEnd {
  ListsEnd() { state = State::used; }
  ListsEnd(const ListsEnd&) = delete;
  ListsEnd& operator=(const ListsEnd&) = delete;
  ~ListsEnd() {
    state = State::ended;
    for (std::size_t index = 0; index < block_lists.size(); ++index) {
      store.give(index, block_lists[index].first);
      block_lists[index] = {};
    }
  }
};

/// Whether the thread keeps blocks: from the first one on, until it ends.
bool keeps_blocks() {
  if (state == State::unused) static thread_local const ListsEnd at_thread_end;
  return state == State::used;
}

}  // namespace

void* refill_blocks(std::size_t index) {
  const bool keeps = keeps_blocks();
  const std::size_t count = std::clamp<std::size_t>(refill_size / size_of(index), 4, 64);
  FreeBlock* const chain = store.take(index, keeps ? count : 1);
  BlockList& list = block_lists[index];
  list.first = chain->next;
  for (FreeBlock* block = list.first; block; block = block->next) ++list.count;
  return chain;
}

void free_to_full_list(void* block, std::size_t index) noexcept {
  BlockList& list = block_lists[index];
  auto* const freed = ::new (block) FreeBlock{nullptr};
  if (!keeps_blocks()) return store.give(index, freed);
  list.limit = static_cast<std::uint32_t>(kept_max / size_of(index));
  if (list.count >= list.limit) {  // the half that was used last stays
    FreeBlock* last = list.first;
    for (std::uint32_t kept = list.limit / 2; kept > 1; --kept) last = last->next;
    store.give(index, std::exchange(last->next, nullptr));
    list.count = list.limit / 2;
  }
  freed->next = list.first;
  list.first = freed;
  ++list.count;
}

}  // namespace aio::detail
