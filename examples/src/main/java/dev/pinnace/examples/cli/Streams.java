package dev.pinnace.examples.cli;

import dev.pinnace.error.PinnaceException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Standard input, output and error as bytes. */
final class Streams {
  private Streams() {}

  /** Standard input as it comes. */
  static InputStream standardInput() {
    return new FileInputStream(FileDescriptor.in);
  }

  @SuppressWarnings("resource") // closing it would close the descriptor of the JVM
  static void write(FileDescriptor descriptor, byte[] bytes) {
    try {
      new FileOutputStream(descriptor).write(bytes);
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
