# shellcheck shell=bash
# Compiles our modules again, with other flags or from changed sources, and links them into the test program in place of those
# of the debug build. It takes seconds, where SwiftPM would compile every dependency again too.
#
# Compiler and linker get the arguments that SwiftPM gave them. They are read from files that SwiftPM writes for itself and
# documents nowhere (SwiftPM 6.3): .build/debug.yaml, and a few beside the products. The debug build with its tests must
# exist (`build debug --build-tests`).

# use_debug_build: sets DEBUG_PRODUCTS, DEBUG_DESCRIPTION, and TOOLCHAIN, the folder of the compiler's own tools.
# shellcheck disable=SC2034
use_debug_build() {
    DEBUG_PRODUCTS=$(readlink -f -- "$(products debug)")
    [[ -d $DEBUG_PRODUCTS ]] || fail "there is no debug build: swift build --build-tests"
    DEBUG_DESCRIPTION=$ROOT/.build/debug.yaml
    TOOLCHAIN=$(dirname -- "$(readlink -f -- "$(command -v swiftc)")")
}

# unknown_description TEXT: ends the script, because SwiftPM describes a build in another way than this file reads.
unknown_description() {
    fail "$1: $(swift --version 2>/dev/null | sed -nE 's/^.*(Swift version [^ ]+).*$/\1/p') describes its builds in another way than" \
        "Swift 6.3, and ci/lib/modules.sh cannot read it. Use a toolchain of Swift 6.3, or teach that file the new way."
}

# arguments_of NAME KIND: prints the arguments of the command that makes a module or a test, as a JSON array.
arguments_of() {
    local found
    [[ -r $DEBUG_DESCRIPTION ]] || unknown_description "there is no $DEBUG_DESCRIPTION"
    found=$(sed -n "/^  \"C\\.$1-.*\\.$2\":\$/,/^\$/s/^    args: //p" "$DEBUG_DESCRIPTION")
    [[ $found == \[*\] && $found != *$'\n'* ]] ||
        unknown_description "$DEBUG_DESCRIPTION does not say once with which arguments $1 is made"
    printf '%s\n' "$found"
}

# prepare_module MODULE FOLDER [SOURCES]: writes to FOLDER what the compilation of MODULE needs. With SOURCES, a copy of
# Sources, it is compiled from there.
prepare_module() {
    local module=$1 folder=$2 sources=${3:-$ROOT/Sources} file
    mkdir -p "$folder/$module.build/include" "$folder/Modules"
    arguments_of "$module" module >"$folder/$module.build/arguments.debug" || return 1
    for file in sources output-file-map.json; do
        [[ -r $DEBUG_PRODUCTS/$module.build/$file ]] || unknown_description "there is no $DEBUG_PRODUCTS/$module.build/$file"
        cp -- "$DEBUG_PRODUCTS/$module.build/$file" "$folder/$module.build/$file.debug"
    done
    for file in sources output-file-map.json arguments; do
        sed -e "s#$DEBUG_PRODUCTS/$module\\.build/#$folder/$module.build/#g" \
            -e "s#$DEBUG_PRODUCTS/Modules/$module\\.swiftmodule#$folder/Modules/$module.swiftmodule#g" \
            -e "s#$ROOT/Sources/$module/#$sources/$module/#g" "$folder/$module.build/$file.debug" |
            replace_if_different "$folder/$module.build/$file"
        rm -- "$folder/$module.build/$file.debug"
    done
}

# replace_if_different FILE: writes standard input to a file, unless that is its content already.
replace_if_different() {
    local content
    content=$(cat)
    [[ -e $1 && $content == "$(<"$1")" ]] || printf '%s\n' "$content" >"$1"
}

# compile_module MODULE FOLDER FLAG…: compiles it with further flags. Other modules in FOLDER take precedence over those of
# the debug build.
compile_module() {
    local module=$1 folder=$2 arguments
    shift 2
    mapfile -t arguments < <(jq --raw-output 'map(select(. != "-parseable-output")) | .[]' \
        "$folder/$module.build/arguments")
    "${arguments[0]}" -I "$folder/Modules" "${arguments[@]:1}" "$@"
}

# link_tests FOLDER OUT MODULE…: links the test program with these modules' objects from FOLDER. LINK_FLAGS are further
# arguments of the driver that links.
link_tests() {
    local folder=$1 out=$2 objects=$DEBUG_PRODUCTS/components-apiPackageTests.product/Objects.LinkFileList
    local module edits=() linking arguments
    shift 2
    [[ -r $objects ]] || fail "there is no $objects: was the debug build made without its tests? swift build --build-tests"
    linking=$(arguments_of components-apiPackageTests test) || return 1
    for module in "$@"; do
        edits+=(-e "s#$DEBUG_PRODUCTS/$module\\.build/\\(.*\\.swift\\.o\\)#$folder/$module.build/\\1#")
    done
    sed "${edits[@]}" "$objects" >"$out.objects"
    mapfile -t arguments < <(jq --raw-output --arg out "$out" --arg objects "@$out.objects" \
        '. as $all | [range(length) | if $all[. - 1] == "-o" and . > 0 then $out
            elif ($all[.] | startswith("@")) then $objects else $all[.] end] | .[]' <<<"$linking")
    "${arguments[@]}" "${LINK_FLAGS[@]}"
}
