#include "aio/detail/block_pool.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <mutex>
#include <utility>

namespace aio::detail {

namespace {

constexpr std::size_t slab_size = std::size_t{512} * 1024;
constexpr std::size_t kept_max = std::size_t{256} * 1024;  // bytes in one list of one thread
constexpr std::uint32_t given_count = 32;                  // blocks, from a list that is full
static_assert(given_count <= kept_max / block_size_max);
constexpr std::size_t refill_size = std::size_t{8} * 1024;

constexpr std::size_t size_of(std::size_t index) { return (index + 1) * block_size_step; }

std::uintptr_t map(std::size_t size) {
  void* const memory =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return reinterpret_cast<std::uintptr_t>(memory);
}
void unmap(std::uintptr_t memory, std::size_t size) noexcept {
  if (size > 0) ::munmap(reinterpret_cast<void*>(memory), size);
}

/// Memory that begins where its size divides the address. The kernel sets one piece beside the
/// other, so that after the first this is mostly so; else it is cut from twice as much.
std::uintptr_t map_slab() {
  const std::uintptr_t memory = map(slab_size);
  if (memory % slab_size == 0) return memory;
  unmap(memory, slab_size);
  const std::uintptr_t twice = map(2 * slab_size);
  const std::size_t before = slab_size - twice % slab_size;
  unmap(twice, before);
  unmap(twice + before + slab_size, slab_size - before);
  return twice + before;
}

/// The head near the beginning of a slab's memory, which begins where its size divides the
/// address, so that every block finds it. At the very beginning those of all slabs would have to
/// share the few lines of a cache that such addresses have: each has one of `lines` places.
struct Slab {
  explicit Slab(std::size_t block_size)
      : uncut((slab_size - (address() % slab_size) - begin) / block_size) {}

  static constexpr std::size_t begin = 64;  // of the first block, from here
  static constexpr std::size_t lines = 32;

  static Slab* in(std::uintptr_t memory) {
    return reinterpret_cast<Slab*>(memory + memory / slab_size % lines * begin);
  }
  static Slab& of(const void* block) {
    return *in(reinterpret_cast<std::uintptr_t>(block) / slab_size * slab_size);
  }
  std::uintptr_t address() const { return reinterpret_cast<std::uintptr_t>(this); }
  std::uintptr_t memory() const { return address() / slab_size * slab_size; }

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
  /// A chain of up to `count` blocks, at least one. Blocks that were never taken come in the order
  /// of the addresses, which suits the processor.
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
      Slab& slab = Slab::of(block);
      if (!slab.has_blocks()) link(index, slab);
      slab.give(block);
      // One is kept, so that it need not be made again at once.
      if (slab.out > 0 || (first_[index] == &slab && !slab.next)) continue;
      unlink(index, slab);
      unmap(slab.memory(), slab_size);
    }
  }

 private:
  Slab* add_slab(std::size_t index) {
    Slab* const slab = ::new (Slab::in(map_slab())) Slab(size_of(index));
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

/// How many blocks a list may hold.
constexpr std::uint32_t limit_of(std::size_t index) {
  return static_cast<std::uint32_t>(kept_max / size_of(index));
}

/// What was freed last leaves the list, a few blocks at a time: those are in the processor's cache
/// still. To follow the list to what was freed long ago would cost a miss for every block.
void give_newest(std::size_t index, std::uint32_t count) noexcept {
  BlockList& list = block_lists[index];
  FreeBlock* const chain = list.first;
  FreeBlock* last = chain;
  for (std::uint32_t left = count; left > 1; --left) last = last->next;
  list.first = std::exchange(last->next, nullptr);
  list.room += count;
  store.give(index, chain);
}

}  // namespace

void* refill_blocks(std::size_t index) {
  const bool keeps = keeps_blocks();
  const std::size_t count = std::clamp<std::size_t>(refill_size / size_of(index), 4, 64);
  FreeBlock* const chain = store.take(index, keeps ? count : 1);
  BlockList& list = block_lists[index];
  list.first = chain->next;
  list.room = keeps ? limit_of(index) : 0;
  for (FreeBlock* block = list.first; block; block = block->next) --list.room;
  return chain;
}

void free_to_full_list(void* block, std::size_t index) noexcept {
  BlockList& list = block_lists[index];
  auto* const freed = ::new (block) FreeBlock{nullptr};
  if (!keeps_blocks()) return store.give(index, freed);
  if (!list.first) {
    list.room = limit_of(index);
  } else {
    give_newest(index, given_count);
  }
  freed->next = list.first;
  list.first = freed;
  --list.room;
}

}  // namespace aio::detail
