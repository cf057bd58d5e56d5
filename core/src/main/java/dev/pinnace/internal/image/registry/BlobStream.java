package dev.pinnace.internal.image.registry;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.RegistryException;
import dev.pinnace.internal.image.registry.http.Response;
import dev.pinnace.oci.Descriptor;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The bytes of a blob over as many connections as it takes. One thread reads; any may close. */
final class BlobStream extends InputStream {
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes ([0-9]{1,18})-([0-9]{1,18})/(?:([0-9]{1,18})|\\*)");

  private final Repository repository;
  private final Descriptor blob;
  private final CountDownLatch closed = new CountDownLatch(1);
  private long position;
  private Attempts attempts;
  private boolean wasOpen;
  private volatile @Nullable Response response;
  private @Nullable Endpoint giver;
  private @Nullable Thread opening;
  private boolean interruptedByClose;

  BlobStream(Repository repository, Descriptor blob, long offset) {
    this.repository = repository;
    this.blob = blob;
    this.position = offset;
    this.attempts = new Attempts(repository.retries(), offset);
  }

  private String what() {
    return "blob " + blob.digest() + " of " + repository.name();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    Objects.checkFromIndexSize(from, length, into.length);
    if (length == 0) {
      return 0;
    }
    while (position < blob.size()) {
      try {
        Response open = opened();
        int got = open.body().read(into, from, (int) Math.min(length, blob.size() - position));
        if (got > 0) {
          position += got;
          return got;
        }
        throw new EOFException("it ended after " + position + " of " + blob.size() + " bytes");
      } catch (IOException failure) {
        recover(failure);
      } catch (CorruptException wrong) {
        if (!goesElsewhere(wrong)) {
          throw wrong;
        }
      }
    }
    expectEnd();
    return -1;
  }

  private Response opened() throws IOException {
    Response open = response;
    if (open == null) {
      refuseIfClosed(null);
      open = open();
      response = open;
      if (closed.getCount() == 0) {
        open.close();
      }
    }
    return open;
  }

  private Response open() throws IOException {
    synchronized (this) {
      opening = Thread.currentThread();
    }
    Response open;
    try {
      Repository.Opened opened = repository.openBlob(blob, position);
      open = opened.response();
      giver = opened.giver();
    } finally {
      synchronized (this) {
        opening = null;
        if (interruptedByClose) {
          boolean unused = Thread.interrupted(); // it was meant for the request alone
        }
      }
    }
    wasOpen = true;
    try {
      place(open);
      return open;
    } catch (IOException | RuntimeException failure) {
      open.close();
      throw failure;
    }
  }

  /** Makes sure that the next byte is the one at {@link #position}. */
  private void place(Response open) throws IOException {
    long length = open.headers().contentLength();
    if (open.status() == 206) {
      Matcher range = CONTENT_RANGE.matcher(open.headers().first("Content-Range").orElse(""));
      boolean fits =
          range.matches()
              && Long.parseLong(range.group(1)) == position
              && (range.group(3) == null || Long.parseLong(range.group(3)) == blob.size());
      if (!fits) {
        throw new CorruptException(
            what()
                + " comes from the wrong place: asked for what follows byte "
                + position
                + " of "
                + blob.size()
                + ", got \""
                + open.headers().first("Content-Range").orElse("")
                + "\"");
      }
      checkLength(length, blob.size() - position);
    } else {
      checkLength(length, blob.size());
      open.body().skipNBytes(position);
    }
  }

  private void checkLength(long actual, long expected) {
    if (actual >= 0 && actual != expected) {
      throw new CorruptException(
          what()
              + " has the wrong length: the registry offers "
              + actual
              + " bytes where "
              + expected
              + " are left by its descriptor");
    }
  }

  private void recover(IOException failure) {
    refuseIfClosed(failure);
    if (Thread.currentThread().isInterrupted()) {
      throw new CancelledException("interrupted while " + what() + " came in", failure);
    }
    Response broken = response;
    if (broken != null) {
      broken.close();
      response = null;
    }
    if (!attempts.mayFollow(position)) {
      if (goesElsewhere(failure)) {
        return;
      }
      throw new RegistryException(
          "cannot get "
              + what()
              + ": broken off "
              + attempts.failures()
              + " times, at last after "
              + position
              + " of "
              + blob.size()
              + " bytes: "
              + failure.getMessage(),
          failure);
    }
    pause(failure);
  }

  /** Whether another place may do better than a mirror that failed. */
  private boolean goesElsewhere(Exception failure) {
    Endpoint last = giver;
    giver = null;
    boolean elsewhere =
        last != null && repository.disown(last, String.valueOf(failure.getMessage()));
    if (elsewhere) {
      attempts = new Attempts(repository.retries(), position);
    }
    return elsewhere;
  }

  private void pause(IOException failure) {
    try {
      boolean unused = closed.await(attempts.pause().toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted while " + what() + " came in", e);
    }
    refuseIfClosed(failure);
  }

  private void refuseIfClosed(@Nullable IOException failure) {
    if (closed.getCount() == 0) {
      throw new CancelledException(what() + " was closed while it was read", failure);
    }
  }

  /** A registry that did not say how much comes may send more. */
  private void expectEnd() throws IOException {
    Response open = response;
    if (open == null || !wasOpen) {
      return;
    }
    wasOpen = false;
    if (open.headers().contentLength() < 0 && open.body().read() >= 0) {
      open.close();
      throw new CorruptException(
          what() + " is longer than the " + blob.size() + " bytes that its descriptor says");
    }
  }

  @Override
  public int available() {
    return 0;
  }

  @Override
  public void close() {
    closed.countDown();
    synchronized (this) {
      if (opening != null && opening != Thread.currentThread()) {
        interruptedByClose = true;
        opening.interrupt();
      }
    }
    Response open = response;
    if (open != null) {
      open.close();
    }
  }
}
