namespace PrivacyProxy.Commands.Top.Screen;

/// <summary>Waits for q or Esc.</summary>
internal static class QuitKeys
{
    /// <summary>Calls back once one is pressed. The thread reads until the process ends, which also keeps other keys off the screen.</summary>
    public static void Watch(Action quit)
    {
        if (Console.IsInputRedirected) return;
        new Thread(() => Read(quit)) { IsBackground = true, Name = "keys" }.Start();
    }

    private static void Read(Action quit)
    {
        try
        {
            while (Console.ReadKey(intercept: true) is not { Key: ConsoleKey.Q or ConsoleKey.Escape })
            {
            }

            quit();
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException)
        {
            // No keyboard any more; signals still end it.
        }
    }
}
