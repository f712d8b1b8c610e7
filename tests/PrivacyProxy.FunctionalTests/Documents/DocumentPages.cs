using System.Text;
using System.Text.RegularExpressions;

namespace PrivacyProxy.FunctionalTests.Documents;

/// <summary>The pages of the checkout and their blocks.</summary>
internal static partial class DocumentPages
{
    /// <summary>Paths below the root, of the folders that may have pages.</summary>
    public static IReadOnlyList<string> All { get; } = Product.RepositoryRoot is { } root ? Find(root) : [];

    public static string Read(string page)
    {
        Skip.If(Product.RepositoryRoot is null, "the tests run outside a checkout");
        return File.ReadAllText(Path.Combine(Product.RepositoryRoot, page));
    }

    /// <summary>The block of a page that begins so, as written.</summary>
    public static DocumentBlock Block(string page, string start)
    {
        Read(page);
        return Assert.Single(Blocks(page), block => block.Text.StartsWith(start, StringComparison.Ordinal));
    }

    public static IEnumerable<DocumentBlock> Blocks(string page)
    {
        StringBuilder? text = null;
        var (line, start, heading, language) = (0, 0, "", "");
        foreach (var read in File.ReadLines(Path.Combine(Product.RepositoryRoot!, page)))
        {
            line++;
            if (!read.StartsWith("```", StringComparison.Ordinal))
            {
                text?.Append(read).Append('\n');
                if (text is null && read.StartsWith('#')) heading = read.TrimStart('#').Trim();
            }
            else if (text is null)
            {
                (text, start, language) = (new StringBuilder(), line, read[3..]);
            }
            else
            {
                yield return new DocumentBlock(page, start, heading, language, text.ToString());
                text = null;
            }
        }
    }

    /// <summary>What stands between single backquotes outside of blocks, as written.</summary>
    public static IEnumerable<string> InlineCode(string page)
    {
        var text = Read(page);
        foreach (var block in Blocks(page)) text = text.Replace(block.Text, "", StringComparison.Ordinal);
        return Inline().Matches(text).Select(static match => match.Groups["code"].Value.Replace("\\|", "|", StringComparison.Ordinal));
    }

    private static string[] Find(string root) =>
    [
        .. new[] { ".", "docs", "src", "loadtests", "deploy", "tests" }
            .Select(folder => Path.Combine(root, folder)).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.md", new EnumerationOptions { RecurseSubdirectories = folder != Path.Combine(root, ".") }))
            .Select(path => Path.GetRelativePath(root, path))
            .Where(static path => !path.Split('/').Any(static part => part is "bin" or "obj" or "node_modules"))
            .Distinct().Order(StringComparer.Ordinal),
    ];

    [GeneratedRegex("`(?<code>[^`\n]+)`", RegexOptions.ExplicitCapture)]
    private static partial Regex Inline();
}
