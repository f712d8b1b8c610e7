namespace PrivacyPass.AspNetCore.Authentication;

/// <summary>A scheme that takes tokens.</summary>
/// <param name="Name">Its name within the application.</param>
internal sealed record PrivateTokenScheme(string Name);
