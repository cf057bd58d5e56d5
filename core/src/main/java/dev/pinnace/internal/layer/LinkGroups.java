package dev.pinnace.internal.layer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which names of a tree belong to one file, of those that have several. */
final class LinkGroups {
  private final Map<Long, List<String>> groups = new HashMap<>();

  private LinkGroups() {}

  /** Those of a tree that is in one directory. */
  static LinkGroups of(MergedDir root) {
    LinkGroups links = new LinkGroups();
    links.collect(root, "");
    return links;
  }

  private void collect(MergedDir dir, String prefix) {
    for (Found found : dir.children().values()) {
      String path = prefix + found.name();
      ArchivedPath.next(path);
      if (found.stat().isDirectory()) {
        Optional<MergedDir> entered = dir.enter(found);
        if (entered.isPresent()) {
          try (MergedDir child = entered.get()) {
            collect(child, path + "/");
          }
        }
      } else if (found.stat().links() > 1) {
        groups.computeIfAbsent(found.stat().inode(), first -> new ArrayList<>()).add(path);
      }
    }
  }

  /** All names of a file, in the order of the walk. */
  List<String> of(String path, Found file) {
    return groups.getOrDefault(file.stat().inode(), List.of(path));
  }
}
