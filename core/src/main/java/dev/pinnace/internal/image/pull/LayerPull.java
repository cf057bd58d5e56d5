package dev.pinnace.internal.image.pull;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.event.TransferProgress.Phase;
import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.internal.content.LayerTurn;
import dev.pinnace.internal.content.PartialBlob;
import dev.pinnace.internal.image.transfer.BlobSource;
import dev.pinnace.internal.image.transfer.ImageLimit;
import dev.pinnace.internal.image.transfer.LayerIngest;
import dev.pinnace.internal.image.transfer.LayerStream;
import dev.pinnace.internal.image.transfer.LayerUnpacker;
import dev.pinnace.internal.image.transfer.LayerUnpacker.Filled;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings in one layer: receives it, or takes it from the store if its blob is there, and fills a
 * draft in the same pass. It is committed when the layers below are. For one thread at a time.
 */
final class LayerPull implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LayerPull.class);

  /** A longer layer is received, decompressed and unpacked by a thread each. */
  private static final long SPLIT = 2 << 20;

  private final Context context;
  private final Descriptor layer;
  private final LayerIngest.Place place;
  private final String what;
  private final ProgressBoard.Line progress;
  private Optional<LayerTurn> turn = Optional.empty();
  private Optional<Filled> filled = Optional.empty();

  /** What all layers of a pull share. */
  record Context(
      ContentStore store,
      LayerUnpacker unpacker,
      BlobSource source,
      Executor threads,
      ImageLimit limit) {}

  /**
   * @param what how messages call it
   */
  LayerPull(
      Context context,
      Descriptor layer,
      LayerIngest.Place place,
      String what,
      ProgressBoard.Line progress) {
    this.context = context;
    this.layer = layer;
    this.place = place;
    this.what = what;
    this.progress = progress;
  }

  /** Whether everything is here already; the layer is pinned. */
  boolean isHere() throws IOException {
    return hasBlob() && context.unpacker().has(place.chainId());
  }

  private boolean hasBlob() throws IOException {
    return context.store().has(layer.digest())
        && context.store().size(layer.digest()) == layer.size();
  }

  /** Does everything that can be done before the layers below are here. */
  void fill() throws IOException {
    turn = Optional.of(context.store().turn(place.chainId()));
    if (isHere()) {
      progress.is(Phase.EXISTS, layer.size());
    } else if (!hasBlob() || !fillFromStore()) {
      receive();
    }
  }

  /** False when the blob turns out to be damaged: then it is received once more. */
  private boolean fillFromStore() throws IOException {
    progress.is(Phase.UNPACKING, layer.size());
    try (Stored raw = new Stored(context.store().open(layer.digest()), layer.digest())) {
      if (context.unpacker().fillsAhead()) {
        unpack(raw, raw);
      } else {
        drain(raw);
        raw.verify();
        filled = Optional.of(new Later());
      }
      return true;
    } catch (CorruptException damage) {
      LOG.warn("{} is fetched again: {}", what, damage.getMessage());
      return false;
    }
  }

  private void receive() throws IOException {
    try (PartialBlob partial = context.store().receive(layer.digest())) {
      // Whoever was waited for may have brought it.
      if (hasBlob() && fillFromStore()) {
        return;
      }
      boolean resumed = partial.left() > 0;
      if (partial.left() > layer.size()) {
        partial.restart();
      }
      while (!isReceived(partial, resumed)) {
        resumed = false;
        partial.restart();
      }
      partial.commit();
    }
  }

  /** False when it is worth while to begin anew. */
  private boolean isReceived(PartialBlob partial, boolean resumed) throws IOException {
    try {
      receive(partial);
      return true;
    } catch (CorruptException | InvalidSpecException damage) {
      if (!resumed && !context.source().disown(layer)) {
        partial.discard();
        throw damage;
      }
      LOG.debug("what came of {} is wrong and fetched again", what, damage);
      return false;
    }
  }

  private void receive(PartialBlob partial) throws IOException {
    progress.is(Phase.DOWNLOADING, 0);
    boolean unpacked = context.unpacker().has(place.chainId());
    try (Received raw = new Received(partial, context.source(), layer, what, progress::received)) {
      if (unpacked || context.unpacker().fillsAhead()) {
        unpack(raw, new ReceivedBlob(partial));
      } else {
        drain(raw);
        filled = Optional.of(new Later());
      }
    }
  }

  /** What was received, which was verified when its last byte was read. */
  private record ReceivedBlob(PartialBlob partial) implements LayerStream.RawBlob {
    @Override
    public void verify() {}

    @Override
    public Digest digest() {
      return partial.digest();
    }
  }

  private void unpack(InputStream raw, LayerStream.RawBlob blob) throws IOException {
    boolean split = layer.size() >= SPLIT;
    try (InputStream ahead = split ? new ReadAhead(raw, context.threads()) : raw;
        LayerStream tar = LayerStream.open(ahead, what, place.diffId(), blob, context.limit());
        InputStream files = split ? new ReadAhead(tar, context.threads()) : tar) {
      if (context.unpacker().has(place.chainId())) {
        drain(files);
      } else {
        filled = Optional.of(named(() -> fill(files)));
      }
    }
  }

  private Filled fill(InputStream tar) throws IOException {
    return context.unpacker().fill(place.chainId(), place.parent(), tar);
  }

  private interface Work<T> {
    T run() throws IOException;
  }

  /** Says which layer it is that is damaged or refused. */
  private <T> T named(Work<T> work) throws IOException {
    try {
      return work.run();
    } catch (CorruptException damage) {
      throw String.valueOf(damage.getMessage()).contains(what)
          ? damage
          : new CorruptException(what + " is damaged: " + damage.getMessage(), damage);
    } catch (InvalidSpecException refusal) {
      throw new InvalidSpecException(what + " is refused: " + refusal.getMessage(), refusal);
    }
  }

  private static void drain(InputStream in) throws IOException {
    in.transferTo(OutputStream.nullOutputStream());
  }

  /** Unpacks from the store, on the layer below. */
  private final class Later implements Filled {
    @Override
    public void commit() {
      try (Stored raw = new Stored(context.store().open(layer.digest()), layer.digest());
          LayerStream tar = LayerStream.open(raw, what, place.diffId(), raw, context.limit())) {
        Boolean unused =
            named(
                () -> {
                  context.unpacker().unpack(place.chainId(), place.parent(), tar);
                  return true;
                });
      } catch (IOException failure) {
        throw new UncheckedIOException("cannot unpack " + what, failure);
      }
    }

    @Override
    public void close() {}
  }

  /** Makes the layer visible: those below are. */
  void commit() {
    filled.ifPresent(Filled::commit);
    close();
    progress.done();
  }

  /** Removes what was received: the image is not what it says. */
  void forget() throws IOException {
    context.store().forget(layer.digest());
  }

  /** Removes what was not committed, and lets others go on. Closing twice does nothing. */
  @Override
  public void close() {
    try {
      filled.ifPresent(Filled::close);
    } finally {
      filled = Optional.empty();
      turn.ifPresent(LayerTurn::close);
      turn = Optional.empty();
    }
  }
}
