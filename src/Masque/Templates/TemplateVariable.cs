namespace Masque.Templates;

/// <summary>The variables of a tunnel's template.</summary>
internal enum TemplateVariable
{
    None = 0,

    Host,

    Port,
}
