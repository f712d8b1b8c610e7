using PrivacyProxy.Listeners.Engine;

namespace PrivacyProxy.Testing.Listeners;

/// <summary>The engine tests run over: the one that processes started by tests read too, from <c>PrivacyProxy__Listeners__Engine</c>.</summary>
internal static class TestEngine
{
    /// <summary>Of proxies in the tests' process, where a test does not choose.</summary>
    public static ListenerEngine Current { get; } = Chosen ?? ListenerEngine.Kestrel;

    /// <summary>Of proxies that are processes of their own, where a test does not choose.</summary>
    public static ListenerEngine OfProcesses { get; } = Chosen ?? ListenerEngine.Native;

    private static ListenerEngine? Chosen =>
        Enum.TryParse<ListenerEngine>(Environment.GetEnvironmentVariable("PrivacyProxy__Listeners__Engine"), ignoreCase: true, out var engine) ? engine : null;
}
