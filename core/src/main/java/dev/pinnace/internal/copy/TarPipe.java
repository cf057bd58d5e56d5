package dev.pinnace.internal.copy;

import com.google.common.base.Throwables;
import dev.pinnace.error.CancelledException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.Pipe;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Joins who writes an archive, on a thread of its own, and who reads it. */
final class TarPipe {
  private TarPipe() {}

  interface Writing {
    void to(OutputStream out) throws IOException;
  }

  interface Reading<T> {
    T from(InputStream in) throws IOException;
  }

  /** What is left to say when whoever reads has given up, and says why. */
  private static final class ReaderGone extends IOException {
    private static final long serialVersionUID = 1L;

    ReaderGone(IOException cause) {
      super(cause);
    }
  }

  /**
   * Has both work until both have ended.
   *
   * @return what the reading gives
   * @throws CancelledException if the thread is interrupted; the flag stays set
   * @throws IOException of the one that failed first, as all other exceptions
   */
  static <T> T through(Executor threads, Writing writing, Reading<T> reading) throws IOException {
    Pipe pipe = Pipe.open();
    CompletableFuture<Optional<Throwable>> writer = writer(threads, pipe, writing);
    T result;
    try (InputStream in = Channels.newInputStream(pipe.source())) {
      result = reading.from(in);
    } catch (ClosedByInterruptException e) {
      writer.join();
      throw new CancelledException("interrupted while copying", e);
    } catch (IOException | RuntimeException e) {
      // An archive that is cut off is not the reader's fault.
      throwFailure(writer.join().filter(failure -> !(failure instanceof ReaderGone)));
      throw e;
    }
    throwFailure(writer.join());
    return result;
  }

  private static CompletableFuture<Optional<Throwable>> writer(
      Executor threads, Pipe pipe, Writing writing) throws IOException {
    try {
      return CompletableFuture.supplyAsync(() -> write(pipe, writing), threads);
    } catch (RuntimeException refused) {
      pipe.source().close();
      pipe.sink().close();
      throw refused;
    }
  }

  private static Optional<Throwable> write(Pipe pipe, Writing writing) {
    try (OutputStream out = new Sink(Channels.newOutputStream(pipe.sink()))) {
      writing.to(out);
      return Optional.empty();
    } catch (IOException | RuntimeException | Error e) {
      return Optional.of(e);
    }
  }

  private static void throwFailure(Optional<Throwable> failure) throws IOException {
    if (failure.isPresent()) {
      Throwables.throwIfInstanceOf(failure.get(), IOException.class);
      Throwables.throwIfUnchecked(failure.get());
      throw new IllegalStateException(failure.get());
    }
  }

  private static final class Sink extends FilterOutputStream {
    Sink(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      try {
        out.write(bytes, from, length);
      } catch (IOException e) {
        throw new ReaderGone(e);
      }
    }
  }
}
