namespace PrivacyPass.Http;

/// <summary>What <see cref="AuthFieldReader"/> found.</summary>
internal enum AuthFieldItemKind
{
    /// <summary>The end of the field value.</summary>
    End = 0,

    /// <summary>An auth-scheme, which begins a challenge or credentials.</summary>
    Scheme,

    /// <summary>The token68 that may follow a scheme, as in "Basic dTpw".</summary>
    Token68,

    /// <summary>An auth-param: name and value.</summary>
    Parameter,

    /// <summary>Characters that are none of these.</summary>
    Malformed,
}
