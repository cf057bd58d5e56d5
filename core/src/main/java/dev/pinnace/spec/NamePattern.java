package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.regex.PatternSyntaxException;

/** A pattern for names of images, as a shell has them for paths. */
record NamePattern(PathMatcher matcher) {
  static NamePattern of(String pattern) {
    try {
      String glob = pattern.replace("{", "\\{").replace("}", "\\}").replace("**", "*");
      return new NamePattern(FileSystems.getDefault().getPathMatcher("glob:" + glob));
    } catch (PatternSyntaxException e) {
      throw new InvalidSpecException(
          "\"" + pattern + "\" is not a pattern for names: " + e.getDescription(), e);
    }
  }

  boolean matches(String reference) {
    return matcher.matches(Path.of(reference))
        || matcher.matches(Path.of(ImageReference.parse(reference).familiarName()));
  }
}
