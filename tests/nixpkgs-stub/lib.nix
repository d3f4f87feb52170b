# The few library functions that Nova's flake calls, with the meaning they have in nixpkgs.
rec {
  genAttrs =
    names: make:
    builtins.listToAttrs (
      map (name: {
        inherit name;
        value = make name;
      }) names
    );

  optionals = condition: list: if condition then list else [ ];

  optionalAttrs = condition: attributes: if condition then attributes else { };

  hasSuffix =
    suffix: text:
    let
      start = builtins.stringLength text - builtins.stringLength suffix;
    in
    start >= 0 && builtins.substring start (-1) text == suffix;

  concatStringsSep = builtins.concatStringsSep;

  mapAttrsToList =
    make: attributes: map (name: make name attributes.${name}) (builtins.attrNames attributes);

  makeLibraryPath = packages: concatStringsSep ":" (map (package: "${package}/lib") packages);

  getExe = package: "${package}/bin/${package.meta.mainProgram}";
}
