using System.Reflection;

namespace PrivacyProxy.Exporting;

/// <summary>The version of this build.</summary>
internal static class BuildVersion
{
    /// <summary>As <c>1.2.3</c>, without the commit.</summary>
    public static string Current { get; } =
        typeof(BuildVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";
}
