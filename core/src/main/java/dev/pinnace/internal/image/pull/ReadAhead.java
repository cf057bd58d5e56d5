package dev.pinnace.internal.image.pull;

import dev.pinnace.error.CancelledException;
import dev.pinnace.internal.image.transfer.Strand;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Reads a stream on another thread, so far ahead as a few buffers hold, which go back and forth.
 * What the source throws, the reader gets when it has read everything before. For one reader.
 */
final class ReadAhead extends InputStream {
  private static final int BUFFERS = 4;
  private static final int BUFFER = 256 * 1024;

  private final InputStream source;
  private final BlockingQueue<Chunk> filled = new ArrayBlockingQueue<>(BUFFERS + 1);
  private final BlockingQueue<byte[]> free = new ArrayBlockingQueue<>(BUFFERS);
  private final Strand producer;
  private @Nullable Chunk current;
  private int position;

  /** Bytes, or what ended the source: nothing at its end. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  private record Chunk(byte[] bytes, int length, @Nullable Throwable failure) {
    boolean isLast() {
      return length < 0;
    }
  }

  /** Begins; {@code source} is closed with this. */
  ReadAhead(InputStream source, Executor threads) {
    this.source = source;
    for (int i = 0; i < BUFFERS; i++) {
      free.add(new byte[BUFFER]);
    }
    this.producer = Strand.start(threads, this::produce);
  }

  private void produce() {
    Chunk last;
    try {
      while (true) {
        byte[] buffer = free.take();
        int length = fill(buffer);
        if (length < 0) {
          last = new Chunk(buffer, -1, null);
          break;
        }
        filled.put(new Chunk(buffer, length, null));
      }
    } catch (InterruptedException end) {
      last = new Chunk(new byte[0], -1, new CancelledException("interrupted while reading", end));
    } catch (IOException | RuntimeException | Error failure) {
      last = new Chunk(new byte[0], -1, failure);
    }
    // There are fewer buffers than places, so this never waits.
    filled.add(last);
  }

  /** Small reads are gathered: handing over costs more than copying. */
  private int fill(byte[] buffer) throws IOException {
    int length = source.read(buffer, 0, buffer.length);
    while (length > 0 && length < buffer.length / 2) {
      int more = source.read(buffer, length, buffer.length - length);
      if (more < 0) {
        break; // and again at the next call
      }
      length += more;
    }
    return length;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    Objects.checkFromIndexSize(from, length, into.length);
    Chunk chunk = current == null ? next() : current;
    if (chunk.isLast()) {
      return end(chunk);
    }
    int count = Math.min(length, chunk.length() - position);
    System.arraycopy(chunk.bytes(), position, into, from, count);
    position += count;
    if (position == chunk.length()) {
      current = null;
      free.add(chunk.bytes());
    }
    return count;
  }

  private Chunk next() {
    try {
      Chunk chunk = filled.take();
      current = chunk;
      position = 0;
      return chunk;
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted while reading", interruption);
    }
  }

  private static int end(Chunk last) throws IOException {
    Throwable failure = last.failure();
    if (failure instanceof IOException io) {
      throw io;
    }
    if (failure instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (failure instanceof Error error) {
      throw error;
    }
    return -1;
  }

  /** Ends the other thread, and closes the source when it has ended. */
  @Override
  public void close() throws IOException {
    producer.interrupt();
    producer.join();
    source.close();
  }
}
