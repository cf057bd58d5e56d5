package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.CopyOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "cp",
    description = {
      "Copies files between a container and the host.",
      "The container may run, be paused, or not run.",
      "SRC/. is what is in a directory; - is a tar on standard input or output.",
      "A path of the host with a colon in it is written with a / or ./ before."
    })
final class CopyCommand extends EngineCommand {
  @Parameters(index = "0", paramLabel = "[CONTAINER:]SRC|-", description = "What is copied.")
  private String source;

  @Parameters(index = "1", paramLabel = "[CONTAINER:]DEST|-", description = "Where to.")
  private String target;

  @Option(
      names = {"-a", "--archive"},
      description = "Keep users and groups, by their numbers.")
  private boolean archive;

  @Option(
      names = {"-L", "--follow-link"},
      description = "Copy what SRC leads to if it is a symbolic link.")
  private boolean followLink;

  @SuppressWarnings("UnusedVariable") // accepted, and nothing to do
  @Option(
      names = {"-q", "--quiet"},
      description = "Show no progress, of which there is none.")
  private boolean quiet;

  /** One side: a path of the host where there is no container. */
  private record Place(String container, String path) {
    static Place parse(String text) {
      int colon = text.indexOf(':');
      if (colon < 0 || text.startsWith("/") || text.startsWith(".")) {
        return new Place("", text);
      }
      if (colon == 0 || colon == text.length() - 1) {
        throw new InvalidSpecException(
            "\"" + text + "\" is no place in a container: write CONTAINER:PATH");
      }
      return new Place(text.substring(0, colon), text.substring(colon + 1));
    }

    boolean isHost() {
      return container.isEmpty();
    }

    boolean isStream() {
      return isHost() && path.equals("-");
    }

    /** A slash at the end, which a {@link Path} does not have, says that it is a directory. */
    Path hostSource() {
      Path host = Path.of(path);
      if (path.endsWith("/") && !Files.isDirectory(host)) {
        throw new InvalidSpecException(path + " is not a directory");
      }
      return host;
    }

    /** The same, of one that may not be there yet. */
    Path hostTarget() {
      return Path.of(path.endsWith("/") ? path + "." : path);
    }
  }

  @Override
  int execute(Pinnace pinnace) {
    Place from = Place.parse(source);
    Place to = Place.parse(target);
    if (from.isHost() == to.isHost()) {
      throw new InvalidSpecException(
          from.isHost()
              ? "one of the two must be in a container: write CONTAINER:PATH"
              : "files are not copied from one container to another: join two by a pipe,"
                  + " cp A:PATH - | cp - B:PATH, or copy to the host first");
    }
    CopyOptions options = new CopyOptions(followLink, archive);
    if (from.isHost()) {
      copyIn(pinnace.containers().get(to.container()), from, to.path(), options);
    } else {
      copyOut(pinnace.containers().get(from.container()), from.path(), to, options);
    }
    return OK;
  }

  private static void copyIn(Container container, Place from, String path, CopyOptions options) {
    if (from.isStream()) {
      container.copyIn(Streams.standardInput(), path, options);
    } else {
      boolean link = options.followLinks() || from.path().endsWith("/");
      container.copyIn(from.hostSource(), path, link ? options.withFollowedLinks() : options);
    }
  }

  private static void copyOut(Container container, String path, Place to, CopyOptions options) {
    if (to.isStream()) {
      Streams.toStandardOutput("cp", out -> container.copyOut(path, out, options));
    } else {
      container.copyOut(path, to.hostTarget(), options);
    }
  }
}
