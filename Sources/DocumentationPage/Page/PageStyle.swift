/// The page's style sheet: system fonts, light and dark by the reader's choice, one column on a phone.
///
/// Colours keep a contrast of 4.5 to 1 or more (WCAG 2.2, 1.4.3); nothing is said by colour alone.
enum PageStyle {
    static let text = """
        :root {
            color-scheme: light dark;
            --ground: #fff; --raised: #f6f7f9; --text: #202122; --quiet: #54595d; --line: #c8ccd1; --edge: #72777d;
            --link: #2a4b8d; --action: #2a4b8d; --on-action: #fff;
            --get: #14522f; --post: #7a3300; --head: #54595d; --delete: #8b1a1a;
        }
        @media (prefers-color-scheme: dark) {
            :root {
                --ground: #101418; --raised: #1b2127; --text: #eaecf0; --quiet: #b4bac1; --line: #3a4149; --edge: #8a9199;
                --link: #9db8f2; --action: #9db8f2; --on-action: #101418;
                --get: #8fd9ae; --post: #f5b98a; --head: #b4bac1; --delete: #f4a3a3;
            }
        }
        *, ::before, ::after { box-sizing: border-box; }
        html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
        body { margin: 0 auto; padding: 1rem; max-width: 80rem; background: var(--ground); color: var(--text);
            font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
        h1, h2, h3, h4, h5 { line-height: 1.25; margin: 1.5rem 0 .5rem; }
        h1 { font-size: 1.75rem; margin-top: 0; }
        h2 { font-size: 1.5rem; margin-top: 2.5rem; }
        h3 { font-size: 1.125rem; }
        h4 { font-size: 1rem; }
        h5 { font-size: 1rem; margin-top: .75rem; }
        p { margin: .5rem 0; max-width: 45rem; }
        a { color: var(--link); }
        :focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
        main:focus { outline: none; }
        code, pre, textarea, .operation input, .operation select { font: .875rem/1.5 ui-monospace, monospace; }
        code { overflow-wrap: anywhere; }
        h3 code { font-size: 1.0625rem; font-weight: 400; }
        pre { margin: 0; padding: .75rem; background: var(--raised); border: 1px solid var(--line); border-radius: 4px;
            white-space: pre-wrap; overflow-wrap: anywhere; }
        .fact { color: var(--quiet); font-size: .875rem; font-weight: 400; }
        .note { color: var(--quiet); font-size: .875rem; }
        .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
            white-space: nowrap; }
        .skip { position: absolute; left: -100vw; }
        .skip:focus { left: 1rem; top: 1rem; padding: .5rem 1rem; background: var(--ground); z-index: 1; }
        .method { display: inline-block; padding: 0 .4em; border: 2px solid; border-radius: 4px;
            font: 700 .8125rem/1.5 ui-monospace, monospace; }
        .get { color: var(--get); } .post { color: var(--post); } .head { color: var(--head); } .delete { color: var(--delete); }
        .put, .patch { color: var(--post); }
        nav ul { margin: 0 0 1rem; padding: 0; list-style: none; }
        nav p { margin: .5rem 0 .25rem; font-weight: 700; }
        nav a { display: block; padding: .3rem 0; text-decoration: none; font-weight: 400; }
        nav a:hover, nav a:focus { text-decoration: underline; }
        nav code { font-size: .8125rem; }
        nav .method { min-width: 2.75rem; font-size: .6875rem; border-width: 1px; text-align: center; }
        .operation, .piece { margin: 1.5rem 0; padding: 1rem; border: 1px solid var(--line); border-radius: 6px; }
        .operation > h3, .piece > h3 { margin-top: 0; }
        dl { margin: .5rem 0; }
        dt { margin-top: .5rem; }
        dt code, label code { font-weight: 600; }
        dd { margin: 0 0 .5rem; padding-left: .75rem; border-left: 2px solid var(--line); }
        dd p { margin: .125rem 0; }
        details { margin: .75rem 0; }
        summary { cursor: pointer; padding: .35rem 0; }
        figure { margin: .75rem 0; }
        figcaption { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin-bottom: .25rem; }
        figcaption > :first-child { margin-right: auto; }
        table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
        th, td { padding: .4rem .75rem .4rem 0; border-top: 1px solid var(--line); text-align: left;
            vertical-align: top; }
        th[scope=row] { width: 34%; }
        label { display: block; font-weight: 600; }
        .operation input, .operation select, textarea { width: 100%; max-width: 45rem; min-height: 2.75rem;
            padding: .5rem; color: inherit; background: var(--ground); border: 1px solid var(--edge);
            border-radius: 4px; }
        .operation input, .operation select, textarea { font-size: 1rem; }
        textarea { max-width: none; resize: vertical; }
        button { min-height: 2.75rem; padding: .5rem 1rem; font: inherit; border: 1px solid var(--edge);
            border-radius: 4px; background: var(--raised); color: inherit; cursor: pointer; }
        button[type=submit] { background: var(--action); border-color: var(--action); color: var(--on-action);
            font-weight: 600; }
        .outcome:not(:empty) { font-weight: 600; }
        .answer .content { max-height: 30rem; overflow-y: auto; }
        @media (min-width: 64rem) {
            body { display: grid; grid-template-columns: 23rem minmax(0, 1fr); column-gap: 2.5rem; padding: 2rem; }
            header { grid-column: 1 / -1; }
            nav { position: sticky; top: 1rem; align-self: start; max-height: calc(100vh - 2rem); overflow-y: auto; }
            th[scope=row] { width: 14rem; }
        }
        @media print {
            nav, form, button { display: none; }
            body { display: block; }
        }

        """
}
