package dev.pinnace.internal.storage;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.FileStat;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Committed layers of one driver directory, and their coming and going. Thread-safe. */
public final class LayerStore implements AutoCloseable {
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");
  private static final Duration LOCK_LIMIT = Duration.ofMinutes(1);
  static final String SIZE = "size";
  private static final String RECORD = "layer";
  private static final String PARENT = "parent";
  private static final String NO_PARENT = "none";
  private static final String DRAFTS = "drafts";
  private static final String REMOVED = "removed";
  private static final String LOCK = "lock";

  private final Path path;
  private final String tree;
  private final Dir dir;
  private final Dir drafts;
  private final Dir removed;
  private final boolean sync;

  private LayerStore(Path path, String tree, Dir dir, boolean sync) {
    this.path = path;
    this.tree = tree;
    this.dir = dir;
    this.drafts = dir.openDir(DRAFTS);
    this.removed = dir.openDir(REMOVED);
    this.sync = sync;
  }

  /**
   * Opens, and makes if need be, a driver's directory.
   *
   * @param tree in the directory of a layer, the name of what holds its files
   */
  public static LayerStore open(Path path, String tree, boolean sync) {
    try {
      Files.createDirectories(path);
    } catch (IOException failure) {
      throw new PinnaceException(
          "cannot make the layer directory " + path + ": " + failure, failure);
    }
    return Attempt.to(
        "open the layer directory " + path,
        () -> {
          Dir dir = Dir.open(path);
          try {
            dir.mkdirs(DRAFTS, 0700);
            dir.mkdirs(REMOVED, 0700);
            return new LayerStore(path, tree, dir, sync);
          } catch (RuntimeException | Error failure) {
            dir.close();
            throw failure;
          }
        });
  }

  /** The driver's directory. */
  public Dir dir() {
    return dir;
  }

  /** Where something of a committed layer is. */
  public Path path(Digest chainId, String name) {
    return path.resolve(chainId.hex()).resolve(name);
  }

  /** Whether a layer is there and, as far as that is quickly told, whole. */
  public boolean contains(Digest chainId) {
    return Attempt.to("look for layer " + chainId, () -> isWhole(chainId));
  }

  private boolean isWhole(Digest chainId) {
    return readable(chainId).isPresent() && hasFiles(chainId);
  }

  private boolean hasFiles(Digest chainId) {
    return dir.find(chainId.hex() + "/" + tree).filter(FileStat::isDirectory).isPresent();
  }

  public Set<Digest> layers() {
    Set<Digest> layers = new TreeSet<>();
    for (String name : Attempt.to("list the layers of " + path, dir::list)) {
      if (HEX.matcher(name).matches()) {
        layers.add(new Digest(name));
      }
    }
    return layers;
  }

  /**
   * What was written about a layer when it was committed.
   *
   * @throws NotFoundException if there is none
   * @throws CorruptException if it is damaged
   */
  public RecordFile record(Digest chainId) {
    return Attempt.to(
        "read layer " + chainId,
        () -> {
          RecordFile record = recordAlone(chainId);
          if (!hasFiles(chainId)) {
            throw damaged(chainId, "it has no " + path(chainId, tree));
          }
          return record;
        });
  }

  private RecordFile recordAlone(Digest chainId) {
    try {
      RecordFile record = RecordFile.read(dir, chainId.hex() + "/" + RECORD);
      Optional<Digest> unused = parent(record);
      return record;
    } catch (CorruptException | InvalidSpecException damage) {
      throw damaged(chainId, String.valueOf(damage.getMessage()));
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ENOENT, Errno.ENOTDIR)) {
        throw refusal;
      }
      if (dir.exists(chainId.hex())) {
        throw damaged(chainId, "it has no " + path(chainId, RECORD));
      }
      throw new NotFoundException(
          "no layer " + chainId + " in " + path + "; pull or load its image again", refusal);
    }
  }

  private static CorruptException damaged(Digest chainId, String why) {
    return new CorruptException(
        "layer " + chainId + " is damaged: " + why + "; load or pull its image again");
  }

  public Optional<Digest> parent(Digest chainId) {
    return parent(record(chainId));
  }

  /** What was recorded of the length of its files. */
  OptionalLong size(Digest chainId) {
    try {
      return record(chainId).find(SIZE).stream().mapToLong(Long::parseLong).findFirst();
    } catch (NotFoundException | CorruptException | NumberFormatException unknown) {
      return OptionalLong.empty();
    }
  }

  private static Optional<Digest> parent(RecordFile record) {
    String parent = record.get(PARENT);
    return parent.equals(NO_PARENT) ? Optional.empty() : Optional.of(new Digest(parent));
  }

  /** A layer and its record. */
  public record Layer(Digest chainId, RecordFile record) {}

  /** A layer and all below it, top first. */
  public List<Layer> chain(Digest top) {
    List<Layer> chain = new ArrayList<>();
    Set<Digest> seen = new HashSet<>();
    for (Optional<Digest> next = Optional.of(top); next.isPresent(); ) {
      RecordFile record = record(next.get());
      if (!seen.add(next.get())) {
        throw damaged(next.get(), "it stands on itself");
      }
      chain.add(new Layer(next.get(), record));
      next = parent(record);
    }
    return chain;
  }

  /** A directory that nobody else sees, for a layer or for trying something. */
  public Draft draft(String stem) {
    return Attempt.to("make a draft in " + path, () -> Draft.make(drafts, stem));
  }

  /** Where something of a draft is. */
  public Path path(Draft draft, String name) {
    return path.resolve(DRAFTS).resolve(draft.name()).resolve(name);
  }

  /**
   * Makes a draft the layer {@code chainId}, or discards it where that layer is there already and
   * whole. A damaged one is replaced.
   *
   * @param more what else to record, asked for when the layer will become visible
   * @param wanted whether it is to be on the disk then, if this store syncs at all
   */
  public void publish(
      Draft draft,
      Digest chainId,
      Optional<Digest> parent,
      Supplier<Map<String, String>> more,
      boolean wanted) {
    boolean syncs = sync && wanted;
    Attempt.run(
        "commit layer " + chainId,
        () -> {
          if (syncs) {
            draft.dir().syncFileSystem();
          }
          Optional<String> replaced =
              whileLocked(() -> appear(draft, chainId, parent, more, syncs));
          replaced.ifPresent(name -> Trees.remove(removed, name));
          draft.close();
        });
  }

  /** Answers where the damaged layer now is whose place the draft took, if there was one. */
  private Optional<String> appear(
      Draft draft,
      Digest chainId,
      Optional<Digest> parent,
      Supplier<Map<String, String>> more,
      boolean syncs) {
    if (isWhole(chainId)) {
      return Optional.empty();
    }
    if (parent.isPresent() && !dir.exists(parent.get().hex())) {
      throw new ConflictException(
          "cannot commit layer " + chainId + ": its parent " + parent.get() + " was removed");
    }
    Map<String, String> entries = new TreeMap<>(more.get());
    entries.put(PARENT, parent.map(Digest::hex).orElse(NO_PARENT));
    RecordFile.write(draft.dir(), RECORD, entries, syncs);
    Optional<String> replaced =
        dir.exists(chainId.hex()) ? Optional.of(vanish(chainId)) : Optional.empty();
    draft.moveTo(dir, chainId.hex());
    FaultPoints.reached("layer appeared");
    if (syncs) {
      dir.sync();
    }
    return replaced;
  }

  /** Brings everything to the disk, if this store syncs at all. */
  void sync() {
    if (sync) {
      Attempt.run("sync the layers of " + path, dir::syncFileSystem);
    }
  }

  /**
   * Removes a layer if it is there.
   *
   * @param last what else to do at the moment it vanishes
   */
  public void remove(Digest chainId, Consumer<RecordFile> last) {
    Digest above = removeAll(Set.of(chainId), last).get(chainId);
    if (above != null) {
      throw new ConflictException(
          "cannot remove layer " + chainId + ": layer " + above + " stands on it");
    }
  }

  /**
   * Removes those of {@code unwanted} that are there and on which none stands that stays. Every
   * record is read once, however many go.
   *
   * @param last what else to do at the moment one vanishes
   * @return each that had to stay, with one that stands on it
   */
  public Map<Digest, Digest> removeAll(Set<Digest> unwanted, Consumer<RecordFile> last) {
    Vanished vanished = vanish(unwanted, last);
    vanished.deleteFiles();
    return vanished.kept();
  }

  /**
   * The same, but for the files: until they are deleted, here or by a recovery, they take space.
   */
  public Vanished vanish(Set<Digest> unwanted, Consumer<RecordFile> last) {
    String what = unwanted.size() == 1 ? "layer " + unwanted.iterator().next() : "layers";
    return Attempt.to(
        "remove " + what,
        () -> {
          List<String> names = new ArrayList<>();
          Map<Digest, Digest> kept = whileLocked(() -> vanish(unwanted, names, last));
          return new Vanished(kept, names);
        });
  }

  /** What became of layers that were to go. */
  public final class Vanished {
    private final Map<Digest, Digest> kept;
    private final List<String> names;

    private Vanished(Map<Digest, Digest> kept, List<String> names) {
      this.kept = Map.copyOf(kept);
      this.names = List.copyOf(names);
    }

    /** Each that had to stay, with one that stands on it. */
    public Map<Digest, Digest> kept() {
      return kept;
    }

    /** Deletes the files of the others. Doing it twice does nothing. */
    public void deleteFiles() {
      Attempt.run(
          "delete removed layers in " + path,
          () -> names.forEach(name -> Trees.remove(removed, name)));
    }
  }

  private Map<Digest, Digest> vanish(
      Set<Digest> unwanted, List<String> vanished, Consumer<RecordFile> last) {
    Map<Digest, Optional<RecordFile>> records = new HashMap<>();
    Map<Digest, Set<Digest>> above = new HashMap<>();
    for (Digest layer : layers()) {
      Optional<RecordFile> record = readable(layer);
      records.put(layer, record);
      record
          .flatMap(LayerStore::parent)
          .ifPresent(below -> above.computeIfAbsent(below, first -> new HashSet<>()).add(layer));
    }
    Deque<Digest> free = new ArrayDeque<>(unwanted);
    free.retainAll(records.keySet());
    free.removeAll(above.keySet());
    while (!free.isEmpty()) {
      Digest layer = free.remove();
      Optional<RecordFile> record = records.getOrDefault(layer, Optional.empty());
      vanished.add(vanish(layer));
      FaultPoints.reached("layer vanished");
      record.ifPresent(last);
      Optional<Digest> below = record.flatMap(LayerStore::parent);
      if (below.isPresent() && isLast(layer, below.get(), above)) {
        above.remove(below.get());
        if (unwanted.contains(below.get()) && records.containsKey(below.get())) {
          free.add(below.get());
        }
      }
    }
    Map<Digest, Digest> kept = new HashMap<>();
    above.forEach(
        (layer, others) -> {
          if (unwanted.contains(layer) && records.containsKey(layer)) {
            kept.put(layer, others.iterator().next());
          }
        });
    return kept;
  }

  /** Moves a layer to what is removed; returns what it is called there. */
  private String vanish(Digest layer) {
    String name = layer.hex() + "-" + Long.toHexString(ThreadLocalRandom.current().nextLong());
    dir.rename(layer.hex(), removed, name, Dir.Replace.NO_REPLACE);
    return name;
  }

  /** Takes {@code layer} from those above {@code below}: whether none is left. */
  private static boolean isLast(Digest layer, Digest below, Map<Digest, Set<Digest>> above) {
    Set<Digest> others = above.getOrDefault(below, Set.of());
    others.remove(layer);
    return others.isEmpty();
  }

  /** A damaged layer can be removed too, and stands on nothing; another JVM may remove one. */
  private Optional<RecordFile> readable(Digest chainId) {
    try {
      return Optional.of(recordAlone(chainId));
    } catch (CorruptException | NotFoundException unreadable) {
      return Optional.empty();
    }
  }

  /**
   * Removes what killed processes left.
   *
   * @param more further sweeping, done while no layer appears or vanishes: how much it removed
   */
  public int recover(Supplier<Integer> more) {
    return Attempt.to(
        "recover " + path,
        () -> {
          int count = Draft.recover(drafts);
          for (String name : removed.list()) {
            Trees.remove(removed, name);
            count++;
          }
          return count + whileLocked(more);
        });
  }

  private <T> T whileLocked(Supplier<T> work) {
    try (LockFile lock = LockFile.open(dir, LOCK)) {
      if (!lock.lock(LockFile.Mode.EXCLUSIVE, LOCK_LIMIT)) {
        throw new TimedOutException(
            "the lock " + lock + " was not free within " + LOCK_LIMIT.toSeconds() + " s");
      }
      return work.get();
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted while waiting for a lock of " + path, interruption);
    }
  }

  @Override
  public void close() {
    drafts.close();
    removed.close();
    dir.close();
  }
}
