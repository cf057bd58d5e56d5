package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.PinnaceException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Standard input, output and error as bytes. */
final class Streams {
  /** One for each, as a descriptor remembers all that were made of it; they stay open. */
  private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);

  private static final FileOutputStream ERR = new FileOutputStream(FileDescriptor.err);

  private Streams() {}

  /** Standard input as it comes. */
  static InputStream standardInput() {
    return new FileInputStream(FileDescriptor.in);
  }

  /**
   * Gives standard output to something that writes an archive.
   *
   * @throws InvalidSpecException if it is a terminal
   * @throws ReaderGone when nobody reads it any more
   */
  static void toStandardOutput(String what, Consumer<OutputStream> work) {
    if (isTerminal(1)) {
      throw new InvalidSpecException(
          "cowardly refusing to " + what + " to a terminal: use the -o flag or redirect");
    }
    work.accept(new Output());
  }

  /** Standard output; it stays open. */
  private static final class Output extends OutputStream {
    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      try {
        OUT.write(bytes, from, length);
      } catch (IOException e) {
        if (isPipe(FileDescriptor.out)) {
          throw new ReaderGone(e);
        }
        throw e;
      }
    }
  }

  /** Whether that descriptor of this process is a terminal. */
  static boolean isTerminal(int descriptor) {
    try {
      Path target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor));
      return target.toString().matches("/dev/(pts/\\d+|tty\\w*|console)");
    } catch (IOException | UnsupportedOperationException closed) {
      return false;
    }
  }

  static void write(FileDescriptor descriptor, byte[] bytes) {
    try {
      (descriptor.equals(FileDescriptor.err) ? ERR : OUT).write(bytes);
    } catch (IOException e) {
      if (isPipe(descriptor)) {
        throw new ReaderGone(e);
      }
      throw new PinnaceException("cannot pass output on: " + Failures.reason(e), e);
    }
  }

  /** Writing to a pipe or socket fails when its other end is gone, whatever that is called here. */
  private static boolean isPipe(FileDescriptor descriptor) {
    String number = descriptor.equals(FileDescriptor.err) ? "2" : "1";
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd", number)).toString();
      return target.startsWith("pipe:") || target.startsWith("socket:");
    } catch (IOException unknown) {
      return false;
    }
  }
}
