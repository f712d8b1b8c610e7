namespace Masque.Templates;

/// <summary>Takes a template apart (RFC 6570) into text and variables.</summary>
internal static class TemplateParser
{
    private const string HostName = "target_host";
    private const string PortName = "target_port";

    /// <summary>The parts, texts and variables in turn; null when the template is not one of RFC 9298, section 2.</summary>
    public static TemplatePart[]? Parse(string text)
    {
        var parts = new List<TemplatePart>();
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var open = rest.IndexOf('{');
            var literal = open < 0 ? rest : rest[..open];
            // A fragment is never sent.
            if (literal.ContainsAny('}', '#')) return null;
            Append(parts, literal.ToString());
            if (open < 0) break;
            rest = rest[(open + 1)..];
            var close = rest.IndexOf('}');
            if (close < 0 || !TryAddExpression(parts, rest[..close])) return null;
            rest = rest[(close + 1)..];
        }

        return IsComplete(parts) ? [.. parts] : null;
    }

    private static bool TryAddExpression(List<TemplatePart> parts, ReadOnlySpan<char> expression)
    {
        var isQuery = expression.Length > 0 && expression[0] is '?' or '&';
        var separator = isQuery ? expression[0] : ',';
        var isFirst = true;
        foreach (var range in (isQuery ? expression[1..] : expression).Split(','))
        {
            var name = (isQuery ? expression[1..] : expression)[range];
            var variable = name switch { HostName => TemplateVariable.Host, PortName => TemplateVariable.Port, _ => TemplateVariable.None };
            // Also refuses the operators and modifiers that RFC 9298 rules out.
            if (variable == TemplateVariable.None) return false;
            if (isQuery) Append(parts, $"{(isFirst ? separator : '&')}{name}=");
            else if (!isFirst) Append(parts, ",");
            parts.Add(new TemplatePart(null, variable));
            isFirst = false;
        }

        return !isFirst;
    }

    private static void Append(List<TemplatePart> parts, string literal)
    {
        if (literal.Length == 0) return;
        if (parts.Count > 0 && parts[^1].Literal is { } before) parts[^1] = new TemplatePart(before + literal, TemplateVariable.None);
        else parts.Add(new TemplatePart(literal, TemplateVariable.None));
    }

    /// <summary>Each variable once, with text between that neither value can hold: else nobody could tell where one ends.</summary>
    private static bool IsComplete(List<TemplatePart> parts)
    {
        if (parts.Count(static part => part.Variable == TemplateVariable.Host) != 1 || parts.Count(static part => part.Variable == TemplateVariable.Port) != 1) return false;
        for (var i = 0; i + 1 < parts.Count; i++)
        {
            if (parts[i].Literal is null && (parts[i + 1].Literal is not { } literal || char.IsAsciiLetterOrDigit(literal[0]) || literal[0] is '-' or '.' or '_' or '~' or '%')) return false;
        }

        return true;
    }
}
