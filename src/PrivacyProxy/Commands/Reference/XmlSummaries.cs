using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace PrivacyProxy.Commands.Reference;

/// <summary>The summaries of properties, out of the XML documentation that the compiler writes beside an assembly.</summary>
internal sealed partial class XmlSummaries
{
    private readonly Dictionary<Assembly, Dictionary<string, XElement>> _files = [];

    /// <summary>That of a property, in one line of Markdown, fit for a cell.</summary>
    public string Of(PropertyInfo property) => Of(property.DeclaringType!.Assembly, $"P:{property.DeclaringType.FullName}.{property.Name}");

    /// <summary>That of a class.</summary>
    public string Of(Type type) => Of(type.Assembly, $"T:{type.FullName}");

    private string Of(Assembly assembly, string member)
    {
        if (!_files.TryGetValue(assembly, out var members)) _files[assembly] = members = Read(assembly);
        if (!members.TryGetValue(member, out var summary)) return "";
        var text = string.Concat(summary.Nodes().Select(Markdown));
        return Spaces().Replace(text, " ").Trim().Replace("|", "\\|", StringComparison.Ordinal);
    }

    private static Dictionary<string, XElement> Read(Assembly assembly) =>
        XDocument.Load(Path.Combine(AppContext.BaseDirectory, $"{assembly.GetName().Name}.xml")).Descendants("member")
            .Where(static member => member.Element("summary") is not null)
            .ToDictionary(static member => member.Attribute("name")!.Value, static member => member.Element("summary")!, StringComparer.Ordinal);

    private static string Markdown(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "see" } see => $"`{see.Attribute("cref")?.Value.Split('.')[^1] ?? see.Attribute("langword")?.Value}`",
        XElement other => string.Concat(other.Nodes().Select(Markdown)),
        _ => "",
    };

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Spaces();
}
