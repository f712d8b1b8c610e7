namespace PrivacyProxy.Configuration;

/// <summary>Marks a setting whose value is never shown: an error prints it as <c>***</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecretAttribute : Attribute;
