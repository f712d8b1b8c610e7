namespace Masque.Templates;

/// <summary>A piece of a template: text as it is, or a variable.</summary>
/// <param name="Literal">The text; null for a variable.</param>
/// <param name="Variable">The variable; none for text.</param>
internal readonly record struct TemplatePart(string? Literal, TemplateVariable Variable);
